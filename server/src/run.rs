//! The program: it reads the command line, starts the listeners, and stops them.

use std::error::Error;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser as _;
use portcullis_host::{Clock as _, Live, SystemClock};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::arguments::Arguments;
use crate::certificate::Certificate;
use crate::configuration::{Configuration, Listener};
use crate::demo::{Demo, Greeting};
use crate::descriptors::places;
use crate::documents::Documents;
use crate::fault::Fault;
use crate::listener::{Protocol, Settings, serve};
use crate::request::Listening;
use crate::server::Server;
use crate::{grpc, inner, people, public, reload, upkeep};

/// Something outside of the program failed.
const FAILED: u8 = 1;
/// The command line is wrong.
const USAGE: u8 = 2;
/// The configuration, or a file that it names, is not valid.
const INVALID: u8 = 3;

/// Runs the program: 0 where it was asked to stop or the check passed, 1 where it
/// could not serve, 2 for a wrong command line, 3 for a faulty configuration.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Err(fault) = log(&arguments) {
        return failed(USAGE, &fault);
    }
    let environment = |name: &str| std::env::var(name).ok();
    let (server, demo) = match prepare(&arguments, environment) {
        Ok(Some(prepared)) => prepared,
        Ok(None) => return ExitCode::SUCCESS,
        Err(fault) => return failed(INVALID, &fault),
    };
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(FAILED, &error),
    };
    let done = runtime.block_on(run(server.clone(), demo));
    // What is not answered by now never is.
    runtime.shutdown_timeout(Duration::from_secs(1));
    // The last one writes what is left of the log of activity.
    drop(server);
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(FAILED, &*error),
    }
}

fn failed(code: u8, error: &(impl std::fmt::Display + ?Sized)) -> ExitCode {
    // Where nobody reads it, there is nobody to say it to.
    let _ = writeln!(io::stderr(), "error: {error}");
    ExitCode::from(code)
}

/// A server, and what to print once it listens.
type Prepared = (Arc<Server>, Option<Greeting>);

/// What is to be run; nothing after a check.
fn prepare(
    arguments: &Arguments,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<Option<Prepared>, Fault> {
    let Some(path) = &arguments.config else {
        let Demo { server, greeting } = Demo::new(environment)?;
        return Ok(Some((Arc::new(server), Some(greeting))));
    };
    let configuration = Configuration::read(path, environment)?;
    let documents = Documents::read(&configuration)?;
    if arguments.create {
        people::create(
            &configuration.store,
            arguments.import.as_deref(),
            &documents.engine,
        )?;
    }
    let now = SystemClock.now();
    let store = people::open(&configuration.store)?;
    let live = people::live(
        store,
        documents.engine.clone(),
        configuration.store_when_old,
        now,
    )?;
    if arguments.check || arguments.create {
        // A closed pipe changes nothing about the result.
        let _ = io::stdout().write_all(summary(&live).as_bytes());
        return Ok(None);
    }
    let live = live.most_keys(configuration.most_keys);
    let server = Server::new(configuration, documents, live)?;
    Ok(Some((Arc::new(server), None)))
}

fn summary(live: &Live) -> String {
    let snapshot = live.load();
    let (engine, directory) = (snapshot.engine(), snapshot.directory());
    format!(
        "ok\nrelease  {}\npolicy   {}\nusers    {}\nkeys     {}, {} of them with a secret\n",
        engine.deployment().release(),
        engine.policy().digest(),
        directory.users().len(),
        directory.keys().count(),
        snapshot.secrets().len()
    )
}

async fn run(server: Arc<Server>, greeting: Option<Greeting>) -> Result<(), Box<dyn Error>> {
    let configuration = server.configuration();
    let mut bound = Vec::new();
    for (name, listener) in configuration.listeners() {
        bound.push((name, bind(listener).await?));
    }
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // Before anybody can know that the process runs: it would end a process that does
    // not expect it.
    let hangup = signal(SignalKind::hangup())?;
    let (stopper, stop) = watch::channel(false);

    let mut limits = configuration.limits;
    limits.connections = places(limits.connections, bound.len());
    if limits.connections < configuration.limits.connections {
        tracing::warn!(
            wanted = configuration.limits.connections,
            possible = limits.connections,
            "too few open files are allowed for so many connections; raise the limit (`ulimit -n`)"
        );
    }
    let (mut listeners, mut addresses) = (Vec::new(), Vec::new());
    for (name, (listener, address)) in bound {
        let (certificate, pages, protocol) = match name {
            "public" => (
                server.public_certificate(),
                public::pages(server.clone()),
                Protocol::Http1,
            ),
            "inner" => (
                server.inner_certificate(),
                inner::pages(server.clone()),
                Protocol::Http1,
            ),
            _ => (
                server.grpc_certificate(),
                grpc::pages(server.clone()),
                Protocol::Http2,
            ),
        };
        let tls = certificate.map(|own| acceptor(own, protocol)).transpose()?;
        let settings = Settings {
            listening: Listening {
                server: server.clone(),
                name,
                time: configuration.limits.request_time(),
            },
            protocol,
            limits,
            stop_time: Duration::from_secs(configuration.stop_seconds),
        };
        addresses.push(address);
        if !address.ip().is_loopback() {
            warn_of(name, tls.is_some());
        }
        let scheme = if tls.is_some() { "https" } else { "http" };
        tracing::info!(listener = name, address = %format_args!("{scheme}://{address}"), "listening");
        listeners.push(tokio::spawn(serve(
            listener,
            tls,
            pages,
            settings,
            stop.clone(),
        )));
    }
    let reloads = tokio::spawn(reload::watch(server.clone(), hangup));
    let upkeep = tokio::spawn(upkeep::run(server.clone()));
    if let (Some(greeting), Some(addresses)) = (greeting, addresses.first_chunk()) {
        let mut output = io::stdout();
        output.write_all(greeting.text(*addresses).as_bytes())?;
        output.flush()?;
    }
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    reloads.abort();
    upkeep.abort();
    stopper.send_replace(true);
    for listener in listeners {
        listener.await?;
    }
    if let Err(error) = server.live().keep_accesses() {
        tracing::warn!(%error, "when keys were last used is not stored");
    }
    tracing::info!("stopped");
    Ok(())
}

/// What an operator should know of a listener that other machines can reach.
fn warn_of(listener: &str, has_tls: bool) {
    if listener != "public" {
        tracing::warn!(
            listener,
            "other machines can reach it; let no client among them"
        );
    } else if !has_tls {
        tracing::warn!(
            "clients send keys without TLS; set `public.tls`, or put a proxy with TLS in front"
        );
    }
}

async fn bind(listener: &Listener) -> Result<(TcpListener, SocketAddr), Fault> {
    let place = listener.address.to_string();
    let failed = |error: io::Error| Fault::of(&place, format!("it cannot be listened on: {error}"));
    let bound = TcpListener::bind(listener.address).await.map_err(failed)?;
    let address = bound.local_addr().map_err(failed)?;
    Ok((bound, address))
}

fn acceptor(certificate: &Arc<Certificate>, protocol: Protocol) -> Result<TlsAcceptor, Fault> {
    let settings = certificate.clone().settings(protocol.name())?;
    Ok(TlsAcceptor::from(Arc::new(settings)))
}

fn log(arguments: &Arguments) -> Result<(), Fault> {
    let levels: Targets = arguments.log.parse().map_err(|error| {
        Fault::of(
            "--log",
            format!("`{}`: {error}; write a level such as `info`", arguments.log),
        )
    })?;
    let registry = tracing_subscriber::registry().with(levels);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(false);
    let done = if arguments.log_json {
        registry.with(lines.json()).try_init()
    } else {
        registry.with(lines).try_init()
    };
    done.map_err(|error| Fault::of("--log", error))
}
