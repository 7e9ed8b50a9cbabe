//! One listener: it accepts connections, within limits, until it is stopped.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use prometheus::IntGauge;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

use crate::configuration::Limits;
use crate::request::{Listening, observed};

/// After how long a listener that could not accept tries again: too many files
/// are open.
const PAUSE: Duration = Duration::from_millis(100);

/// How many requests of one connection are answered at once by HTTP/2.
const STREAMS: u32 = 128;

/// What a listener speaks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Protocol {
    /// HTTP/1.
    Http1,
    /// HTTP/2, from the first byte: gRPC is on top of it.
    Http2,
}

impl Protocol {
    /// Its name in the TLS extension ALPN.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http1 => "http/1.1",
            Self::Http2 => "h2",
        }
    }
}

/// What a listener needs to serve.
#[derive(Debug)]
pub struct Settings {
    /// Which listener of which server it is.
    pub listening: Listening,
    /// What it speaks.
    pub protocol: Protocol,
    /// Its limits.
    pub limits: Limits,
    /// How long it waits for requests in work when it is stopped.
    pub stop_time: Duration,
}

/// Serves pages until the stop signal, then waits for what is being answered.
pub async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    pages: Router,
    settings: Settings,
    mut stop: watch::Receiver<bool>,
) {
    let limits = settings.limits;
    let name = settings.listening.name;
    let open = settings.listening.server.counters().connections(name);
    let layers = ServiceBuilder::new()
        .layer(axum::middleware::from_fn_with_state(
            settings.listening,
            observed,
        ))
        .layer(CatchPanicLayer::new())
        .layer(DefaultBodyLimit::max(limits.body_bytes));
    let pages = pages.layer(layers);
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    loop {
        let next = async {
            // No connection is accepted that has no place.
            let place = places.clone().acquire_owned().await.ok()?;
            Some((listener.accept().await, place))
        };
        let next = tokio::select! {
            next = next => next,
            _ = stop.wait_for(|stopped| *stopped) => break,
        };
        let (accepted, place) = match next {
            Some((Ok((stream, _)), place)) => (stream, place),
            Some((Err(error), _)) => {
                // A client that went away is nothing; too many open files is.
                tracing::warn!(listener = name, %error, "a connection was not accepted");
                sleep(PAUSE).await;
                continue;
            }
            None => break,
        };
        let connection = Connection {
            pages: pages.clone(),
            protocol: settings.protocol,
            limits,
            watcher: graceful.watcher(),
            open: open.clone(),
        };
        let tls = tls.clone();
        tokio::spawn(async move {
            connection.serve(accepted, tls).await;
            drop(place);
        });
    }
    drop(listener);
    if timeout(settings.stop_time, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!(
            listener = name,
            "some requests were not answered before the stop"
        );
    }
}

struct Connection {
    pages: Router,
    protocol: Protocol,
    limits: Limits,
    watcher: Watcher,
    open: IntGauge,
}

impl Connection {
    async fn serve(self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        self.open.inc();
        let open = self.open.clone();
        if let Err(error) = self.answer(stream, tls).await {
            // Clients do this all the time.
            tracing::debug!(%error, "a connection ended");
        }
        open.dec();
    }

    async fn answer(
        self,
        stream: TcpStream,
        tls: Option<TlsAcceptor>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        stream.set_nodelay(true)?;
        let Some(tls) = tls else {
            return Ok(self.http(stream).await?);
        };
        let shaken = timeout(self.limits.head_time(), tls.accept(stream)).await;
        let stream = shaken.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        Ok(self.http(stream).await?)
    }

    async fn http(self, stream: impl AsyncRead + AsyncWrite + Send + 'static) -> hyper::Result<()> {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.limits.write_time()));
        let pages = TowerToHyperService::new(self.pages);
        if self.protocol == Protocol::Http2 {
            // A proxy keeps its connection, and answers a ping. Whoever is silent, also
            // from the beginning, is cut off.
            let silence = self.limits.head_time();
            stream.set_read_timeout(Some(silence * 2));
            let stream = TokioIo::new(Box::pin(stream));
            let head = u32::try_from(self.limits.head_bytes).unwrap_or(u32::MAX);
            let mut builder = http2::Builder::new(TokioExecutor::new());
            builder
                .timer(TokioTimer::new())
                .keep_alive_interval(Some(silence))
                .keep_alive_timeout(silence)
                .max_concurrent_streams(STREAMS)
                .max_header_list_size(head);
            return self
                .watcher
                .watch(builder.serve_connection(stream, pages))
                .await;
        }
        let stream = TokioIo::new(Box::pin(stream));
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head_time())
            .max_headers(self.limits.headers)
            .max_buf_size(self.limits.head_bytes);
        self.watcher
            .watch(builder.serve_connection(stream, pages))
            .await
    }
}
