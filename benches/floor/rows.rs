//! Rows that are measured in turns: each once in each round, all rounds in one
//! run, so that all rows share the conditions of the machine.

use std::fs;
use std::hint::black_box;
use std::time::Instant;

/// One row: a name, and what one round of it does.
pub struct Row<'r> {
    pub name: String,
    /// Does one round; nanoseconds for each decision.
    pub round: Box<dyn FnMut() -> f64 + 'r>,
}

impl<'r> Row<'r> {
    /// A row that asks for each request of a stream, so often in one round.
    /// `each` requests are one item of the stream.
    pub fn new<Q>(
        name: impl Into<String>,
        stream: &'r [Q],
        times: usize,
        each: usize,
        allows: impl Fn(&Q) -> bool + 'r,
    ) -> Self {
        let decisions = (stream.len() * times * each) as f64;
        let round = move || {
            let (mut allowed, start) = (0, Instant::now());
            for _ in 0..times {
                for question in black_box(stream) {
                    allowed += usize::from(black_box(allows(question)));
                }
            }
            black_box(allowed);
            start.elapsed().as_secs_f64() * 1e9 / decisions
        };
        Self {
            name: name.into(),
            round: Box::new(round),
        }
    }
}

/// What rows took: for each its name and the time of every round.
pub struct Measured(Vec<(String, Vec<f64>)>);

impl Measured {
    /// The tenth, the middle and the ninetieth of a hundred ratios of one row to
    /// another, each of one round. None where a row is missing.
    pub fn ratio(&self, own: &str, other: &str) -> Option<(f64, f64, f64)> {
        let times = |name: &str| self.0.iter().find(|(known, _)| known == name);
        let ((_, own), (_, other)) = (times(own)?, times(other)?);
        let ratios: Vec<f64> = own
            .iter()
            .zip(other)
            .map(|(own, other)| own / other)
            .collect();
        (!ratios.is_empty()).then(|| spread(ratios))
    }
}

/// Runs all rows in turns and prints medians, the middle four fifths, and
/// ratios to the first row.
pub fn measure(title: &str, rounds: usize, rows: Vec<Row<'_>>) -> Measured {
    let mut measured: Vec<(Row<'_>, Vec<f64>)> =
        rows.into_iter().map(|row| (row, Vec::new())).collect();
    // The first round warms up.
    for round in 0..=rounds {
        for (row, times) in &mut measured {
            let time = (row.round)();
            if round > 0 || rounds == 0 {
                times.push(time);
            }
        }
    }
    let named = measured.into_iter().map(|(row, times)| (row.name, times));
    let measured = Measured(named.collect());
    println!(
        "\n| {title} | median ns | 10 % to 90 % | ÷ first, median of rounds |\n|---|---:|---:|---:|"
    );
    for (name, times) in &measured.0 {
        let (low, middle, high) = spread(times.clone());
        let ratio = measured.ratio(name, &measured.0[0].0);
        let ratio = ratio.map_or(1.0, |(_, middle, _)| middle);
        println!("| {name} | {middle:.1} | {low:.1} to {high:.1} | {ratio:.2} |");
    }
    measured
}

/// The tenth, the middle and the ninetieth of a hundred values.
fn spread(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    let at = |part: usize| values[(values.len() - 1) * part / 10];
    (at(1), at(5), at(9))
}

/// The processor time that this thread has used, in nanoseconds; none where
/// the system does not say.
pub fn processor_time() -> Option<u64> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// The name of the processor.
pub fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let name = name.map(|name| name.trim_start_matches([' ', '\t', ':']));
    name.unwrap_or("a processor without a name").to_owned()
}
