//! The reader as a tower layer.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use tower_layer::Layer;
use tower_service::Service;

use crate::clock::{Clock, SystemClock};
use crate::layer::Answered;
use crate::target::raw_target;
use crate::upstream::Reader;

/// Puts a [`Reader`] in front of a service: a request without a valid decision is
/// answered with 403, and every other one has a
/// [`Verified`](crate::upstream::Verified) as an extension.
#[derive(Clone, Debug)]
pub struct ReaderLayer {
    reader: Arc<Reader>,
    clock: Arc<dyn Clock>,
}

/// A service behind a [`Reader`].
#[derive(Clone, Debug)]
pub struct Read<S> {
    reader: Arc<Reader>,
    clock: Arc<dyn Clock>,
    inner: S,
}

impl ReaderLayer {
    /// A layer with this reader, by the clock of the system.
    pub fn new(reader: Reader) -> Self {
        Self {
            reader: Arc::new(reader),
            clock: Arc::new(SystemClock),
        }
    }

    /// Takes the time from another clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }
}

impl<S> Layer<S> for ReaderLayer {
    type Service = Read<S>;

    fn layer(&self, inner: S) -> Read<S> {
        Read {
            reader: self.reader.clone(),
            clock: self.clock.clone(),
            inner,
        }
    }
}

impl<S, B, R> Service<Request<B>> for Read<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: From<Bytes>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Answered<S::Future, R>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let read = self.reader.read(
            request.headers(),
            request.method().as_str(),
            raw_target(request.uri(), request.version()),
            self.clock.now(),
        );
        match read {
            Ok(verified) => {
                request.extensions_mut().insert(verified);
                Answered::inner(self.inner.call(request))
            }
            Err(reason) => {
                tracing::warn!(%reason, "refused");
                let mut response = Response::new(R::from(Bytes::new()));
                *response.status_mut() = StatusCode::FORBIDDEN;
                Answered::now(response)
            }
        }
    }
}
