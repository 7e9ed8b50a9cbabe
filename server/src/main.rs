//! The program `portcullis-server`; all of it is in the library beside this file.

use std::process::ExitCode;

fn main() -> ExitCode {
    portcullis_server::main()
}
