//! One request given by flags: the user and the key by their names in the
//! directory, what it calls, and when.

use std::ffi::OsString;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, ValueEnum};
use portcullis::credential::Technique;
use portcullis::{
    Credential, Deployment, Directory, Engine, Policy, Reason, Release, UnixSeconds, UserId,
};
use portcullis::{VerifiedKey, VerifiedToken};

use crate::exit::Failure;

use crate::load::instant::instant;
use crate::load::made_up::{KEY, MadeUp, USER};
use crate::load::request::{Address, Prepared, Request};
use crate::text::{near_name, one_line};

/// The request.
#[derive(Debug, Args)]
pub(crate) struct RequestFlags {
    /// The method, such as GET
    method: Option<String>,
    /// Path and query as they are sent: '/connect/api/v1/cases?tenantid=alpha'
    target: Option<OsString>,
    /// The release that is installed, such as 5.5.0 or 5.5.0s
    #[arg(long)]
    release: Option<Release>,
    /// Scoped keys are switched on; matters in early access releases
    #[arg(long)]
    scoped_keys: bool,
    /// The user who sends the request, or a PROFILE@SCOPE; without --key, with a usable key
    #[arg(long = "as", value_name = "USER")]
    user: Option<String>,
    /// The API key of the request; without --as, presented by its owner
    #[arg(long)]
    key: Option<String>,
    /// How the key is presented
    #[arg(long, value_enum, default_value_t)]
    technique: TechniqueFlag,
    /// The path alone, in place of a target
    #[arg(long, conflicts_with = "target")]
    path: Option<OsString>,
    /// The tenant that the request names; with --path
    #[arg(long, requires = "path", conflicts_with = "target")]
    tenant: Option<String>,
    /// When the request arrives: seconds since the epoch, or RFC 3339 [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    now: Option<UnixSeconds>,
}

/// How a key is presented.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
enum TechniqueFlag {
    /// As a fresh access token made from it
    #[default]
    Token,
    /// Itself, by Basic with the name of the user
    Basic,
    /// Itself, as a bearer
    Bearer,
}

/// Reasons for which a key is refused whatever it calls. Another key of the same
/// user may be accepted.
const OF_THE_KEY: [Reason; 4] = [
    Reason::KeyRevoked,
    Reason::KeyNotYetValid,
    Reason::KeyExpired,
    Reason::KeyKindRefused,
];

impl RequestFlags {
    /// The request, with the engine that decides it.
    ///
    /// # Errors
    ///
    /// [`Failure::Usage`] if something is missing or unknown.
    pub(crate) fn read<'r>(
        &'r self,
        policy: &Arc<Policy>,
        directory: &'r Directory,
    ) -> Result<Prepared<'r>, Failure> {
        let (method, address) = self.address()?;
        let deployment = self.deployment(policy)?;
        let engine = Engine::new(policy.clone(), deployment)
            .map_err(|error| Failure::Usage(error.to_string()))?;
        let now = self.now.unwrap_or_else(clock);
        let known = self
            .user
            .as_deref()
            .map(|name| known_user("--as", name, directory));
        let made_up = match (&self.user, &known) {
            (Some(name), Some(Err(_))) => MadeUp::of(name, policy, directory).transpose()?,
            _ => None,
        };
        let user = match (known, &made_up) {
            (Some(user), None) => Some(user?),
            (None, None) | (_, Some(_)) => None,
        };
        if made_up.is_some() && self.key.is_some() {
            return Err(usage(
                "--key: PROFILE@SCOPE has a key of its own; give --key alone, or --as with a user",
            ));
        }
        let technique = self.technique;
        let draft = Draft {
            deployment,
            now,
            method,
            address,
            technique,
            user,
            directory,
            made_up,
        };
        let key = match (&self.key, user, &draft.made_up) {
            (_, _, Some(_)) => Some(KEY),
            (Some(key), _, None) => Some(key.as_str()),
            (None, Some(user), None) => Some(draft.best_key(user, &engine)?),
            (None, None, None) => None,
        };
        Ok(Prepared {
            engine,
            presented: draft.presented(key),
            request: draft.request(key),
        })
    }

    fn address(&self) -> Result<(&str, Address<'_>), Failure> {
        let Some(method) = &self.method else {
            return Err(usage(
                "a method and a target are missing; give both, such as `GET /connect/api/v1/cases`",
            ));
        };
        let address = match (&self.target, &self.path) {
            (Some(target), _) => Address::Target(target.as_encoded_bytes()),
            (None, Some(path)) => Address::Path {
                path: path.as_encoded_bytes(),
                tenant: self.tenant.as_deref(),
            },
            (None, None) => {
                return Err(usage(format!(
                    "a target is missing; give it after `{method}`, or --path"
                )));
            }
        };
        Ok((method, address))
    }

    fn deployment(&self, policy: &Policy) -> Result<Deployment, Failure> {
        match self.release {
            Some(release) if self.scoped_keys => Ok(Deployment::with_scoped_keys(release)),
            Some(release) => Ok(Deployment::new(release)),
            None => {
                // There is no default: the decision depends on the release.
                let known: Vec<String> = policy
                    .releases()
                    .map(|release| release.to_string())
                    .collect();
                Err(usage(format!(
                    "--release is missing; give one of {}",
                    known.join(", ")
                )))
            }
        }
    }
}

fn usage(text: impl Into<String>) -> Failure {
    Failure::Usage(one_line(&text.into()))
}

/// Flags of the verbs that list users or keys: when keys are judged, and how the
/// list is printed.
#[derive(Debug, Args)]
pub(crate) struct ListingFlags {
    /// When keys are judged: seconds since the epoch, or RFC 3339 [default: now]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    now: Option<UnixSeconds>,
    /// For people or for programs
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

impl ListingFlags {
    /// The instant at which keys are judged.
    pub(crate) fn now(&self) -> UnixSeconds {
        self.now.unwrap_or_else(clock)
    }
}

/// Who reads the output.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Human,
    /// One line of JSON, for programs
    Json,
}

/// The current time of the machine.
pub(crate) fn clock() -> UnixSeconds {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH);
    UnixSeconds::new(passed.map_or(0, |passed| passed.as_secs()))
}

/// The user of this name, or of this e-mail address.
///
/// # Errors
///
/// [`Failure::Usage`] if the directory has no such user.
pub(crate) fn known_user<'d>(
    flag: &str,
    name: &str,
    directory: &'d Directory,
) -> Result<&'d UserId, Failure> {
    let unknown = || {
        let users = directory.users().map(UserId::as_str);
        let near = near_name(name, users, || "see its `users`".to_owned());
        usage(format!(
            "{flag}: the directory has no user `{name}`; {near}"
        ))
    };
    let by_email = || directory.user_by_email(name).filter(|_| name.contains('@'));
    directory
        .users()
        .find(|user| user.as_str() == name)
        .or_else(by_email)
        .ok_or_else(unknown)
}

/// A request without its key.
struct Draft<'r> {
    deployment: Deployment,
    now: UnixSeconds,
    method: &'r str,
    address: Address<'r>,
    technique: TechniqueFlag,
    /// The user that was given.
    user: Option<&'r UserId>,
    directory: &'r Directory,
    /// A made-up user instead of one of the directory.
    made_up: Option<MadeUp>,
}

impl<'r> Draft<'r> {
    /// The first usable key of a user, or else the first one.
    fn best_key(&self, user: &UserId, engine: &Engine) -> Result<&'r str, Failure> {
        let keys = self.directory.keys().filter(|(_, owner)| *owner == user);
        let keys: Vec<&str> = keys.map(|(key, _)| key.as_str()).collect();
        let is_usable = |key: &&&'r str| {
            let request = self.request(Some(key));
            let reason = request.decide(engine, self.directory).reason();
            reason.is_none_or(|reason| !OF_THE_KEY.contains(&reason))
        };
        let chosen = keys.iter().find(is_usable).or(keys.first()).copied();
        chosen.ok_or_else(|| {
            usage(format!(
                "--as: user `{user}` has no key in the directory; give one with --key"
            ))
        })
    }

    /// The given user, otherwise the owner of the key.
    fn sender(&self, key: Option<&str>) -> Option<&'r UserId> {
        let owner = || {
            self.directory
                .keys()
                .find(|(known, _)| Some(known.as_str()) == key)
                .map(|(_, owner)| owner)
        };
        self.user.or_else(owner)
    }

    fn request(&self, key: Option<&'r str>) -> Request<'r> {
        if let Some(made_up) = &self.made_up {
            return Request {
                deployment: self.deployment,
                now: self.now,
                account: Some(made_up.account.clone()),
                credential: self.credential(KEY, Some(USER)),
                key: made_up.key(self.now),
                method: self.method,
                address: self.address,
            };
        }
        let user = self.sender(key);
        Request {
            deployment: self.deployment,
            now: self.now,
            account: user.and_then(|user| self.directory.account(user.as_str())),
            credential: key.map_or(Credential::Missing, |key| {
                self.credential(key, user.map(UserId::as_str))
            }),
            key: key.and_then(|key| self.directory.key(key)),
            method: self.method,
            address: self.address,
        }
    }

    fn credential(&self, key: &'r str, user: Option<&'r str>) -> Credential<'r> {
        match self.technique {
            TechniqueFlag::Token => {
                Credential::Token(VerifiedToken::new(key, user, Some(self.now), None))
            }
            TechniqueFlag::Basic => {
                Credential::ApiKey(VerifiedKey::presented(key, Technique::Basic, user))
            }
            TechniqueFlag::Bearer => Credential::ApiKey(VerifiedKey::bearer(key)),
        }
    }

    /// A description of the credential.
    fn presented(&self, key: Option<&str>) -> String {
        let Some(written) = key else {
            return "none".to_owned();
        };
        if let Some(made_up) = &self.made_up {
            let presented = match self.technique {
                TechniqueFlag::Token => "a fresh token of a scoped key",
                TechniqueFlag::Basic => "a scoped key by Basic",
                TechniqueFlag::Bearer => "a scoped key as a bearer",
            };
            return format!("{presented}, as {}", made_up.shown());
        }
        let user = self
            .sender(key)
            .map_or_else(|| "an unknown user".to_owned(), |user| format!("`{user}`"));
        let written = written.escape_debug();
        match self.technique {
            TechniqueFlag::Token => format!("a fresh token of key `{written}`, as {user}"),
            TechniqueFlag::Basic => format!("key `{written}` by Basic, as {user}"),
            TechniqueFlag::Bearer => format!("key `{written}` as a bearer, as {user}"),
        }
    }
}
