//! The gate as a tower layer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::gate::Gate;

/// Puts a [`Gate`] in front of a service. Put it around the router, so that no
/// route is without it, and behind nothing that changes the target.
#[derive(Clone, Debug)]
pub struct AuthorizeLayer(Arc<Gate>);

/// A service behind a [`Gate`].
#[derive(Clone, Debug)]
pub struct Authorize<S> {
    gate: Arc<Gate>,
    inner: S,
}

impl AuthorizeLayer {
    /// A layer with this gate.
    pub fn new(gate: impl Into<Arc<Gate>>) -> Self {
        Self(gate.into())
    }
}

impl<S> Layer<S> for AuthorizeLayer {
    type Service = Authorize<S>;

    fn layer(&self, inner: S) -> Authorize<S> {
        let gate = self.0.clone();
        Authorize { gate, inner }
    }
}

impl<S, B, R> Service<Request<B>> for Authorize<S>
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
        match self.gate.judge(&mut request) {
            Ok(()) => Answered::inner(self.inner.call(request)),
            Err(answer) => Answered::now(answer.into_response()),
        }
    }
}

pin_project! {
    /// The answer of the inner service, or one that is there already.
    #[derive(Debug)]
    pub struct Answered<F, R> {
        #[pin]
        inner: Option<F>,
        answer: Option<Response<R>>,
    }
}

impl<F, R> Answered<F, R> {
    pub(crate) const fn inner(inner: F) -> Self {
        Self {
            inner: Some(inner),
            answer: None,
        }
    }

    pub(crate) const fn now(answer: Response<R>) -> Self {
        Self {
            inner: None,
            answer: Some(answer),
        }
    }
}

impl<F, R, E> Future for Answered<F, R>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(inner) = this.inner.as_pin_mut() {
            return Poll::Ready(ready!(inner.poll(context)));
        }
        // A future is not polled again after it has answered.
        this.answer
            .take()
            .map_or(Poll::Pending, |answer| Poll::Ready(Ok(answer)))
    }
}
