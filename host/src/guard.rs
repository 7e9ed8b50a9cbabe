//! A tower service behind something that looks at each request first.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{Either, Full};
use pin_project_lite::pin_project;
use tower_service::Service;

/// Looks at a request, and answers it where the service may not get it.
pub trait Guard {
    /// Changes a request for the service, or gives the answer to it.
    fn answer<B>(&self, request: &mut Request<B>) -> Option<Response<Bytes>>;
}

/// A service behind a guard. The body of an answer is that of the service, or one
/// of the guard.
#[derive(Debug)]
pub struct Guarded<G, S> {
    guard: Arc<G>,
    inner: S,
}

impl<G, S> Guarded<G, S> {
    pub(crate) const fn new(guard: Arc<G>, inner: S) -> Self {
        Self { guard, inner }
    }
}

impl<G, S: Clone> Clone for Guarded<G, S> {
    fn clone(&self) -> Self {
        Self::new(self.guard.clone(), self.inner.clone())
    }
}

impl<G, S, B, R> Service<Request<B>> for Guarded<G, S>
where
    G: Guard,
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<Either<R, Full<Bytes>>>;
    type Error = S::Error;
    type Future = Answered<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let answer = self.guard.answer(&mut request);
        let inner = answer.is_none().then(|| self.inner.call(request));
        Answered { inner, answer }
    }
}

pin_project! {
    /// The answer of the inner service, or one that is there already.
    #[derive(Debug)]
    pub struct Answered<F> {
        #[pin]
        inner: Option<F>,
        answer: Option<Response<Bytes>>,
    }
}

impl<F, R, E> Future for Answered<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<Either<R, Full<Bytes>>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(inner) = this.inner.as_pin_mut() {
            let response = ready!(inner.poll(context));
            return Poll::Ready(response.map(|response| response.map(Either::Left)));
        }
        // A future is not polled again after it has answered.
        this.answer.take().map_or(Poll::Pending, |answer| {
            let own = |body| Either::Right(Full::new(body));
            Poll::Ready(Ok(answer.map(own)))
        })
    }
}
