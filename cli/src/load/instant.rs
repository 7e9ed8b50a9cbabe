//! Instants as people write them: seconds since the epoch, or RFC 3339.

use portcullis::UnixSeconds;

const DAY: u64 = 86_400;

/// Reads an instant from the command line.
///
/// # Errors
///
/// What to write, if the text is not an instant since 1970.
pub(crate) fn instant(text: &str) -> Result<UnixSeconds, String> {
    let seconds = text.parse().ok().or_else(|| from_rfc3339(text));
    seconds.map(UnixSeconds::new).ok_or_else(|| {
        "write seconds since the epoch, or an instant such as `2025-11-24T16:00:00Z`".to_owned()
    })
}

/// Reads `2025-11-24T16:00:00Z`, `2025-11-24T16:00:00.5+02:00`, or a day alone,
/// which is its first second in UTC. Parts of a second are dropped. A leap
/// second does not exist in seconds since the epoch, so it is refused.
fn from_rfc3339(text: &str) -> Option<u64> {
    let (day, time) = match text.split_once(['T', 't', ' ']) {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let days = days(day)?;
    let seconds = i64::try_from(days.checked_mul(DAY)?).ok()?;
    let Some(time) = time else {
        return u64::try_from(seconds).ok();
    };
    let sign = time.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = time.split_at_checked(sign)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if hour > 23 || minute > 59 || second > 59 || !is_fraction {
        return None;
    }
    let offset = match zone {
        "Z" | "z" => 0,
        _ => {
            let [hours, minutes] = numbers(zone.get(1..)?, ':', [2, 2])?;
            if hours > 23 || minutes > 59 {
                return None;
            }
            let offset = i64::try_from(hours * 3_600 + minutes * 60).ok()?;
            if zone.starts_with('-') {
                -offset
            } else {
                offset
            }
        }
    };
    let within = i64::try_from(hour * 3_600 + minute * 60 + second).ok()?;
    u64::try_from(seconds.checked_add(within)?.checked_sub(offset)?).ok()
}

/// The days from 1970-01-01 to a day such as `2025-11-24`.
fn days(text: &str) -> Option<u64> {
    let [year, month, day] = numbers(text, '-', [4, 2, 2])?;
    if year < 1970 || !(1..=12).contains(&month) || day == 0 || day > length(year, month) {
        return None;
    }
    let years: u64 = (1970..year)
        .map(|year| if is_leap(year) { 366 } else { 365 })
        .sum();
    let months: u64 = (1..month).map(|month| length(year, month)).sum();
    Some(years + months + day - 1)
}

/// Numbers with these counts of digits, with a separator between them.
fn numbers<const COUNT: usize>(
    text: &str,
    separator: char,
    digits: [usize; COUNT],
) -> Option<[u64; COUNT]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; COUNT];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = is_number.then(|| part.parse().ok()).flatten()?;
    }
    parts.next().is_none().then_some(numbers)
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

/// The days of a month.
const fn length(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// An instant in RFC 3339, in UTC; years after 9999 have no such form.
pub(crate) fn rfc3339(at: UnixSeconds) -> Option<String> {
    let (mut days, seconds) = (at.get() / DAY, at.get() % DAY);
    if days > 2_932_896 {
        return None;
    }
    let mut year = 1970;
    loop {
        let all = if is_leap(year) { 366 } else { 365 };
        if days < all {
            break;
        }
        days -= all;
        year += 1;
    }
    let mut month = 1;
    while days >= length(year, month) {
        days -= length(year, month);
        month += 1;
    }
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    Some(format!(
        "{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z",
        days + 1
    ))
}

/// An instant in words: `24 November 2025, 16:00 UTC`. Seconds are left out if they are
/// none.
pub(crate) fn in_words(at: UnixSeconds) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let words = || {
        let date = rfc3339(at)?;
        let (day, clock) = date.split_once('T')?;
        let [year, month, day] = numbers(day, '-', [4, 2, 2])?;
        let month = MONTHS.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
        let clock = clock.trim_end_matches('Z');
        let clock = clock.strip_suffix(":00").unwrap_or(clock);
        Some(format!("{day} {month} {year}, {clock} UTC"))
    };
    words().unwrap_or_else(|| format!("{at} seconds after 1970"))
}

/// An instant for people: the number, and the date where it has one.
pub(crate) fn shown(at: UnixSeconds) -> String {
    match rfc3339(at) {
        Some(date) => format!("{at} ({date})"),
        None => at.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{in_words, instant, rfc3339};

    #[test]
    fn instants_are_read_in_both_forms() {
        for (text, seconds) in [
            ("0", 0),
            ("1764000000", 1_764_000_000),
            ("18446744073709551615", u64::MAX),
            ("1970-01-01T00:00:00Z", 0),
            ("2025-11-24T16:00:00Z", 1_764_000_000),
            ("2025-11-24t16:00:00z", 1_764_000_000),
            ("2025-11-24 16:00:00.999Z", 1_764_000_000),
            ("2025-11-24T18:00:00+02:00", 1_764_000_000),
            ("2025-11-24T10:30:00-05:30", 1_764_000_000),
            ("2025-11-24", 1_763_942_400),
            ("2024-02-29T00:00:00Z", 1_709_164_800),
            ("2000-03-01", 951_868_800),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] {
            assert_eq!(
                instant(text).map(portcullis::UnixSeconds::get),
                Ok(seconds),
                "{text}"
            );
        }
    }

    #[test]
    fn words_name_the_month_and_leave_out_seconds_that_are_none() {
        let words = |seconds| in_words(portcullis::UnixSeconds::new(seconds));
        assert_eq!(words(1_764_000_000), "24 November 2025, 16:00 UTC");
        assert_eq!(words(1_764_000_007), "24 November 2025, 16:00:07 UTC");
        assert_eq!(words(0), "1 January 1970, 00:00 UTC");
        assert_eq!(words(253_402_300_799), "31 December 9999, 23:59:59 UTC");
        assert_eq!(words(253_402_300_800), "253402300800 seconds after 1970");
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in [
            "",
            "-1",
            "1.5",
            "now",
            "2025-11-24T16:00:00",
            "2025-13-01",
            "2025-02-29",
            "2100-02-29",
            "2025-00-01",
            "2025-01-00",
            "2025-1-01",
            "1969-12-31T23:59:59Z",
            "2025-11-24T24:00:00Z",
            "2025-11-24T16:60:00Z",
            "2025-11-24T16:00:60Z",
            "2025-11-24T16:00:00.Z",
            "2025-11-24T16:00:00+24:00",
            "2025-11-24T16:00:00+2:00",
            "2025-11-24T16:00Z",
            "T16:00:00Z",
            "1970-01-01T00:00:00+01:00",
            "18446744073709551616",
            "2025-11-24T16:00:00Zz",
            "２025-11-24",
        ] {
            assert!(instant(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_printed_is_read_back() {
        for seconds in (0..253_402_300_799_u64)
            .step_by(86_399 * 97)
            .chain([253_402_300_799])
        {
            let at = portcullis::UnixSeconds::new(seconds);
            assert_eq!(instant(&rfc3339(at).unwrap()), Ok(at));
        }
        assert_eq!(rfc3339(portcullis::UnixSeconds::new(253_402_300_800)), None);
    }
}
