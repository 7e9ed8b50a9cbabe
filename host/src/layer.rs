//! The gate as a tower layer.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use tower_layer::Layer;

use crate::answer::Answer;
use crate::gate::Gate;
use crate::guard::{Guard, Guarded};

/// Puts a [`Gate`] in front of a service. Put it around the router, so that no
/// route is without it, and behind nothing that changes the target.
#[derive(Clone, Debug)]
pub struct AuthorizeLayer(Arc<Gate>);

/// A service behind a [`Gate`].
pub type Authorize<S> = Guarded<Gate, S>;

impl AuthorizeLayer {
    /// A layer with this gate.
    pub fn new(gate: impl Into<Arc<Gate>>) -> Self {
        Self(gate.into())
    }
}

impl<S> Layer<S> for AuthorizeLayer {
    type Service = Authorize<S>;

    fn layer(&self, inner: S) -> Authorize<S> {
        Guarded::new(self.0.clone(), inner)
    }
}

impl Guard for Gate {
    fn answer<B>(&self, request: &mut Request<B>) -> Option<Response<Bytes>> {
        self.admit(request).err().map(Answer::into_response)
    }
}
