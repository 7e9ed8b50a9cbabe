//! The command line. No secret is an argument: others could read it.

use std::path::PathBuf;

use clap::{ArgGroup, Parser};

/// Decides requests for proxies, exchanges API keys for access tokens, and manages
/// keys.
#[derive(Clone, Debug, Parser)]
#[command(name = "portcullis-server", version, group(ArgGroup::new("what").required(true)))]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch")]
pub struct Arguments {
    /// Serves the embedded policy and example directory on the loopback address,
    /// with new keys that it prints
    #[arg(long, group = "what")]
    pub demo: bool,

    /// The configuration
    #[arg(long, value_name = "FILE", env = "PORTCULLIS_CONFIG", group = "what")]
    pub config: Option<PathBuf>,

    /// Reads the configuration and all files that it names, and exits
    #[arg(long, conflicts_with = "demo")]
    pub check: bool,

    /// Makes the store that the configuration names, and exits
    #[arg(long, conflicts_with_all = ["demo", "check"])]
    pub create: bool,

    /// Puts the `directory.yaml` and `secrets.sha256` of a folder into the new store,
    /// or all that a store of files has
    #[arg(long, value_name = "FOLDER", requires = "create")]
    pub import: Option<PathBuf>,

    /// What is logged to standard error: `error`, `warn`, `info` or `debug`, also by
    /// part, such as `info,portcullis_host=debug`
    #[arg(
        long,
        value_name = "LEVELS",
        env = "PORTCULLIS_LOG",
        default_value = "info"
    )]
    pub log: String,

    /// Logs JSON, one object a line
    #[arg(long)]
    pub log_json: bool,
}
