//! The reader as a tower layer.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use tower_layer::Layer;

use crate::clock::{Clock, SystemClock};
use crate::guard::{Guard, Guarded};
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
pub type Read<S> = Guarded<ReaderLayer, S>;

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
        Guarded::new(Arc::new(self.clone()), inner)
    }
}

impl Guard for ReaderLayer {
    fn answer<B>(&self, request: &mut Request<B>) -> Option<Response<Bytes>> {
        let read = self.reader.read(
            request.headers(),
            request.method().as_str(),
            raw_target(request.uri(), request.version()),
            self.clock.now(),
        );
        match read {
            Ok(verified) => {
                request.extensions_mut().insert(verified);
                None
            }
            Err(reason) => {
                tracing::warn!(%reason, "refused");
                let mut response = Response::new(Bytes::new());
                *response.status_mut() = StatusCode::FORBIDDEN;
                Some(response)
            }
        }
    }
}
