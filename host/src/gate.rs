//! How one request is decided.

use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use portcullis::directory::ActivityRecord;
use portcullis::path::{CatalogueEntry, TenantParameter};
use portcullis::token::TokenClaims;
use portcullis::{
    Allowance, Credential, Decision, OwnedConfinement, Principal, Reason, TenantId, UnixSeconds,
    VerifiedKey,
};

use crate::access_token::AccessTokens;
use crate::activity::Sink;
use crate::allowed::{Allowed, RequestId};
use crate::answer::Answer;
use crate::clock::{Clock, SystemClock};
use crate::forwarding::{are_read_as_one, strip};
use crate::live::Live;
use crate::presented::Presented;
use crate::request_id::request_id;
use crate::snapshot::Snapshot;
use crate::statement::{HEADER, Judged, Statements};
use crate::target::raw_target;

/// Headers for upstreams that cannot verify a signature.
const TENANTS: HeaderName = HeaderName::from_static("portcullis-tenants");
const USER: HeaderName = HeaderName::from_static("portcullis-user");
const ENDPOINT: HeaderName = HeaderName::from_static("portcullis-endpoint");

/// A request as it is judged: what the upstream is going to get.
#[derive(Debug)]
pub(crate) struct Asked<'r> {
    pub(crate) method: &'r str,
    /// Path and query, byte for byte.
    pub(crate) target: &'r str,
    pub(crate) headers: &'r HeaderMap,
    /// Whether a token can be the answer.
    pub(crate) may_exchange: bool,
    /// The id that the host gave the request.
    pub(crate) id: Option<&'r RequestId>,
}

/// What becomes of a request that was allowed.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It is handed on.
    Grant(Granted),
    /// It was an exchange, and this is the token.
    Token(Answer),
}

/// What the upstream gets with a request.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) allowed: Allowed,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

/// Decides requests, by the snapshot that is in force.
#[derive(Debug)]
pub struct Gate {
    live: Arc<Live>,
    clock: Arc<dyn Clock>,
    tokens: Option<Arc<AccessTokens>>,
    statements: Option<Statements>,
    sink: Option<Arc<dyn Sink>>,
    has_plain_headers: bool,
    keeps_authorization: bool,
    allows_web_sockets: bool,
}

impl Gate {
    /// Decides by a snapshot. Without more, it accepts keys by Basic, hands on an
    /// [`Allowed`] and nothing else, and keeps no record.
    pub fn new(live: Arc<Live>) -> Self {
        Self {
            live,
            clock: Arc::new(SystemClock),
            tokens: None,
            statements: None,
            sink: None,
            has_plain_headers: false,
            keeps_authorization: false,
            allows_web_sockets: false,
        }
    }

    /// Accepts access tokens, and answers the exchange of a key for one. Without
    /// it the exchange is handed on like any other request.
    #[must_use]
    pub fn tokens(mut self, tokens: impl Into<Arc<AccessTokens>>) -> Self {
        self.tokens = Some(tokens.into());
        self
    }

    /// Adds a signed decision to every request that is handed on, in the header
    /// `Portcullis-Decision`.
    #[must_use]
    pub fn statements(mut self, statements: Statements) -> Self {
        self.statements = Some(statements);
        self
    }

    /// Keeps the record of every decision.
    #[must_use]
    pub fn sink(mut self, sink: Arc<dyn Sink>) -> Self {
        self.sink = Some(sink);
        self
    }

    /// Takes the time from another clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Adds `Portcullis-Tenants`, `Portcullis-User` and `Portcullis-Endpoint` to
    /// every request that is handed on, for upstreams that cannot verify a
    /// signature. All three are always there: tenants are separated by commas, `*`
    /// is every tenant and `!none` is no tenant. `!nobody` is the user of a public
    /// endpoint.
    ///
    /// Nothing protects them on the way. Prefer [`Gate::statements`].
    #[must_use]
    pub const fn plain_headers(mut self) -> Self {
        self.has_plain_headers = true;
        self
    }

    /// Hands on the `Authorization` header, too. Without this it is removed: the
    /// upstream does not need the secret. At a public endpoint nobody has verified
    /// what it says.
    #[must_use]
    pub const fn keeping_authorization(mut self) -> Self {
        self.keeps_authorization = true;
        self
    }

    /// Lets a request ask for a WebSocket (`Upgrade: websocket`). Without this the
    /// headers of the connection are removed, `Upgrade` among them.
    #[must_use]
    pub const fn allowing_web_sockets(mut self) -> Self {
        self.allows_web_sockets = true;
        self
    }

    /// Whether an upstream can learn from the headers of a request to which tenants
    /// its answer must be limited.
    pub(crate) const fn says_the_confinement(&self) -> bool {
        self.statements.is_some() || self.has_plain_headers
    }

    /// Decides a request of the layer. What is allowed is changed in place: headers
    /// of this crate that the client sent are gone, and an [`Allowed`] is an
    /// extension.
    pub(crate) fn admit<B>(&self, request: &mut Request<B>) -> Result<(), Answer> {
        let asked = Asked {
            method: request.method().as_str(),
            target: raw_target(request.uri(), request.version()),
            headers: request.headers(),
            may_exchange: true,
            id: request.extensions().get(),
        };
        let granted = match self.judge(&asked)? {
            Verdict::Grant(granted) => granted,
            Verdict::Token(token) => return Err(token),
        };
        let headers = request.headers_mut();
        strip(headers, self.allows_web_sockets);
        if !self.keeps_authorization {
            headers.remove(AUTHORIZATION);
        }
        headers.extend(granted.headers);
        request.extensions_mut().insert(granted.allowed);
        Ok(())
    }

    /// Decides a request, by one snapshot and at one instant.
    pub(crate) fn judge(&self, asked: &Asked<'_>) -> Result<Verdict, Answer> {
        let now = self.clock.now();
        // First the age, then the snapshot: what is confirmed in between is newer.
        if self.live.is_too_old(now) {
            tracing::warn!("the store has not been heard from for too long");
            return Err(Answer::unavailable());
        }
        let snapshot = self.live.load();
        let (engine, directory) = (snapshot.engine(), snapshot.directory());
        let target = engine.target(asked.method, asked.target);
        let entry = engine.entry(target.endpoint);
        let is_public = engine.is_public(target.endpoint);
        let is_exchange = entry.is_some_and(CatalogueEntry::is_exchange);
        if is_exchange && !asked.may_exchange {
            tracing::error!(
                "the exchange of a key for a token was sent through forward-auth; \
                 route its path to the server that answers it"
            );
            return Err(Answer::misdirected());
        }

        let presented = Presented::read(asked.headers);
        let claims = claims(&presented, self.tokens.as_deref(), now);
        let principal = if is_public {
            Principal::anonymous()
        } else {
            directory.principal(&credential(&presented, claims.as_ref(), &snapshot), now)
        };
        let named = match entry.map(CatalogueEntry::tenant_parameter) {
            Some(TenantParameter::Header(name)) if !is_public => tenant_in(asked.headers, name),
            Some(
                TenantParameter::Header(_) | TenantParameter::Query(_) | TenantParameter::Path(_),
            )
            | None => Ok(target.tenant),
        };
        // What cannot be read is no tenant. So the questions before that of the
        // tenant refuse first, and a stranger learns nothing from the answer.
        let (named, unreadable) =
            named.map_or_else(|why| (Some(""), Some(why)), |name| (name, None));
        let tenant = directory.tenant(named);
        let decision = engine.authorize(&principal, target.endpoint, tenant);
        let verdict = match &decision {
            Decision::Deny(denial) => Err(Answer::denial(denial)),
            Decision::Allow(_) if is_exchange && self.tokens.is_some() => {
                self.exchange(&principal, now)
            }
            Decision::Allow(allowance) => self.grant(&snapshot, asked, allowance, &principal, now),
        };
        if let (Decision::Allow(_), Some(key)) = (&decision, principal.key()) {
            // It cannot fail: the decision has found the key.
            let _ = directory.record_access(key.as_str(), now);
        }
        // The verdict is made before the record is kept, so that a request with a
        // kept record of an allow was allowed.
        if let Some(sink) = &self.sink {
            let record = ActivityRecord::of_decision(
                engine,
                &principal,
                target.endpoint,
                tenant,
                &decision,
                now,
            );
            sink.keep(record).map_err(|_| Answer::unavailable())?;
        }
        match (decision.reason(), unreadable) {
            (Some(Reason::TenantOutOfScope) | None, Some(why)) => Err(Answer::malformed(why)),
            _ => verdict,
        }
    }

    /// What an allowed request hands on.
    fn grant(
        &self,
        snapshot: &Snapshot,
        asked: &Asked<'_>,
        allowance: &Allowance<'_>,
        principal: &Principal<'_>,
        now: UnixSeconds,
    ) -> Result<Verdict, Answer> {
        let allowed = allowed(allowance, principal, asked.id)?;
        let mut headers = Vec::new();
        if let Some(statements) = &self.statements {
            let engine = snapshot.engine();
            let judged = Judged {
                method: asked.method,
                target: asked.target,
                release: engine.deployment().release(),
                policy: engine.policy().digest(),
            };
            let signed = statements.sign(&allowed, &judged, snapshot.directory(), now);
            let signed = signed.inspect_err(|error| tracing::error!(%error, "not signed"));
            let value = signed.map_err(|_| Answer::internal())?;
            let mut value = HeaderValue::try_from(value).map_err(|_| Answer::internal())?;
            value.set_sensitive(true);
            headers.push((HEADER, value));
        }
        if self.has_plain_headers {
            for (name, value) in plain(&allowed) {
                let value = HeaderValue::try_from(value).map_err(|_| Answer::internal())?;
                headers.push((name, value));
            }
        }
        Ok(Verdict::Grant(Granted { allowed, headers }))
    }

    /// The answer to an exchange that was allowed.
    fn exchange(&self, principal: &Principal<'_>, now: UnixSeconds) -> Result<Verdict, Answer> {
        let tokens = self.tokens.as_ref().ok_or_else(Answer::internal)?;
        // A decision has allowed it, so what fails here is a key that cannot sign.
        let claims = TokenClaims::mint(principal, now).map_err(|_| Answer::internal())?;
        let lifetime = claims.expires_at.and_then(|end| end.since(now));
        let (Some(token), Some(lifetime)) = (tokens.sign(&claims), lifetime) else {
            return Err(Answer::internal());
        };
        // Its own verifier ends it so much earlier.
        let lifetime = lifetime.saturating_sub(tokens.leeway_seconds());
        Ok(Verdict::Token(Answer::token(&token, lifetime)))
    }
}

/// The claims of an access token, if the request presents one that is valid.
pub(crate) fn claims(
    presented: &Presented,
    tokens: Option<&AccessTokens>,
    now: UnixSeconds,
) -> Option<TokenClaims> {
    let (Presented::Bearer(text), Some(tokens)) = (presented, tokens) else {
        return None;
    };
    let verified = tokens.verify(text, now);
    verified
        .inspect_err(|fault| tracing::debug!(%fault, "not an access token"))
        .ok()
}

/// The credential, as far as it could be verified. What could not counts as none.
pub(crate) fn credential<'c>(
    presented: &'c Presented,
    claims: Option<&'c TokenClaims>,
    snapshot: &'c Snapshot,
) -> Credential<'c> {
    let key = |secret: &str| snapshot.secrets().key(secret);
    let verified = match (presented, claims) {
        (_, Some(claims)) => Some(claims.verified()),
        (Presented::Basic { user, secret }, None) => {
            key(secret).map(|key| Credential::ApiKey(VerifiedKey::basic(key.as_str(), user)))
        }
        (Presented::Bearer(secret), None) => {
            key(secret).map(|key| Credential::ApiKey(VerifiedKey::bearer(key.as_str())))
        }
        (Presented::Nothing, None) => None,
    };
    verified.unwrap_or_else(Credential::missing)
}

fn allowed(
    allowance: &Allowance<'_>,
    principal: &Principal<'_>,
    id: Option<&RequestId>,
) -> Result<Allowed, Answer> {
    let parameters = allowance.parameters();
    let parameters = parameters
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_string()));
    let request_id = match id {
        Some(RequestId(own)) => own.clone(),
        None => request_id().map_err(|_| Answer::unavailable())?,
    };
    Ok(Allowed {
        endpoint: allowance.endpoint().to_string(),
        parameters: parameters.collect(),
        confinement: allowance.confinement().to_owned(),
        user: principal.user().cloned(),
        key: principal.key().cloned(),
        request_id,
    })
}

/// The tenant that a header names. Two such headers, or one of which the name is
/// read as the same by some servers, name two tenants.
fn tenant_in<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, &'static str> {
    let mut all = headers
        .iter()
        .filter(|(own, _)| are_read_as_one(own.as_str(), name));
    match (all.next(), all.next()) {
        (None, _) => Ok(None),
        (Some((own, value)), None) if own.as_str().eq_ignore_ascii_case(name) => value
            .to_str()
            .map(Some)
            .map_err(|_| "the tenant is not a name"),
        (Some(_), _) => Err("the tenant is named twice"),
    }
}

fn plain(allowed: &Allowed) -> [(HeaderName, String); 3] {
    let tenants = match &allowed.confinement {
        OwnedConfinement::Unconfined => "*".to_owned(),
        OwnedConfinement::NotTenantData => "!none".to_owned(),
        OwnedConfinement::One(tenant) => tenant.to_string(),
        OwnedConfinement::Tenants(tenants) => {
            let names: Vec<&str> = tenants.iter().map(TenantId::as_str).collect();
            names.join(",")
        }
    };
    let user = allowed.user.as_ref().map(ToString::to_string);
    [
        (TENANTS, tenants),
        (USER, user.unwrap_or_else(|| "!nobody".to_owned())),
        (ENDPOINT, allowed.endpoint.clone()),
    ]
}
