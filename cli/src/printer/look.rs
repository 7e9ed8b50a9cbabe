//! How a page looks: whether it has colours, and how wide it is.

use std::io::{self, IsTerminal};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use terminal_size::{Width, terminal_size_of};

/// The narrowest and the widest page, in columns. A narrower terminal breaks the
/// lines itself; longer lines are hard to read.
const NARROWEST: usize = 80;
const WIDEST: usize = 200;

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Colours {
    /// On a terminal, unless `NO_COLOR` is set or `TERM` is dumb
    #[default]
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

impl Colours {
    /// Makes this the choice for all output.
    pub(crate) fn choose(self) {
        let choice = match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::AlwaysAnsi,
            Self::Never => ColorChoice::Never,
        };
        choice.write_global();
    }
}

/// How a page looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Look {
    /// Whether it has colours.
    pub(crate) colour: bool,
    /// The width of the terminal in columns, from 80 to 200; none where the page is
    /// not on a terminal.
    pub(crate) width: Option<usize>,
}

impl Look {
    /// The look of standard output.
    pub(crate) fn of_output() -> Self {
        let stream = io::stdout();
        Self {
            colour: AutoStream::choice(&stream) != ColorChoice::Never,
            width: stream
                .is_terminal()
                .then(|| fitting(terminal_size_of(&stream))),
        }
    }

    /// The look of standard error.
    pub(crate) fn of_errors() -> Self {
        let stream = io::stderr();
        Self {
            colour: AutoStream::choice(&stream) != ColorChoice::Never,
            width: stream
                .is_terminal()
                .then(|| fitting(terminal_size_of(&stream))),
        }
    }
}

/// The width for a terminal of this size. The size is not known everywhere.
fn fitting<H>(size: Option<(Width, H)>) -> usize {
    let columns = size.map_or(NARROWEST, |(Width(columns), _)| usize::from(columns));
    columns.clamp(NARROWEST, WIDEST)
}

/// What a colour means. It never says more than the words or the sign in it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tone {
    /// A heading or a name.
    Strong,
    /// Allowed, passed, valid.
    Good,
    /// Denied, failed, refused.
    Bad,
    /// Something to look at: restricted, widened, a warning.
    Warning,
    /// A method of an endpoint, or a release.
    Name,
    /// What most readers skip.
    Faint,
}

impl Tone {
    /// The style for it. These are the colours of the terminal's own theme, which
    /// people choose so that they can read them.
    pub(crate) const fn style(self) -> Style {
        match self {
            Self::Strong => Style::new().bold(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
            Self::Warning => AnsiColor::Yellow.on_default(),
            Self::Name => AnsiColor::Cyan.on_default(),
            Self::Faint => Style::new().dimmed(),
        }
    }
}

#[cfg(test)]
mod tests {
    use terminal_size::{Height, Width};

    use super::fitting;

    #[test]
    fn a_page_is_as_wide_as_the_terminal_within_limits() {
        let of = |columns| fitting(Some((Width(columns), Height(50))));
        assert_eq!([0, 1, 79, 80].map(of), [80; 4]);
        assert_eq!([81, 160, 199].map(of), [81, 160, 199]);
        assert_eq!([200, 201, u16::MAX].map(of), [200; 3]);
        assert_eq!(fitting::<Height>(None), 80);
    }
}
