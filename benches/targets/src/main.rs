//! Every ratio that has a target, measured in one run: all rows that are compared
//! take turns. `benches/targets/run` builds it and an earlier version, and starts
//! it.
//!
//! `targets EARLIER` prints the rows and then the table. EARLIER is the same
//! program, built with an earlier version of the engine. It is started with
//! `serve`, has a world of its own, and does one round whenever it is told to.

#[path = "../../floor/mod.rs"]
mod bare;
#[cfg(not(feature = "before"))]
#[path = "../../floor/batches.rs"]
mod batches;
#[path = "../../floor/parts.rs"]
mod parts;
#[path = "../../floor/rows.rs"]
mod rows;
#[path = "../../world/mod.rs"]
mod world;

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use matchit::Router;
use parts::HEATS;
use rows::{Measured, Row, measure, processor};
use world::{Asked, Presented, Size, World, directory};

/// Matchit alone: the templates in its tree, and nothing else.
fn matchit_alone<'r>(world: &'r World, asked: &'r [Asked], times: usize) -> Vec<Row<'r>> {
    let policy = world.engine.policy();
    let mut router = Router::new();
    for (number, entry) in policy.endpoints().iter().enumerate() {
        let route = format!("{}{}", policy.base_path(), entry.template());
        router
            .insert(route, number)
            .expect("templates do not conflict");
    }
    let row = Row::new("matchit alone", asked, times, 1, move |own: &Asked| {
        router.at(&own.path).is_ok()
    });
    vec![row]
}

/// Rows of an earlier version, in a process of its own.
struct Earlier {
    child: Child,
    pipes: RefCell<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Earlier {
    fn start(program: &str) -> Self {
        let mut child = Command::new(program)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the earlier version starts");
        let input = child.stdin.take().expect("a pipe");
        let output = child.stdout.take().expect("a pipe");
        Self {
            child,
            pipes: RefCell::new((input, BufReader::new(output))),
        }
    }

    /// The row of this heat and number.
    fn row<'r>(&'r self, name: &str, heat: usize, number: usize) -> Row<'r> {
        let round = move || {
            let (input, output) = &mut *self.pipes.borrow_mut();
            writeln!(input, "{heat} {number}").expect("the earlier version reads");
            let mut answer = String::new();
            output
                .read_line(&mut answer)
                .expect("the earlier version answers");
            answer.trim().parse().expect("a number")
        };
        Row {
            name: format!("{name}, earlier version"),
            round: Box::new(round),
        }
    }

    fn end(self) {
        let Self { mut child, pipes } = self;
        // It ends where its input ends.
        drop(pipes);
        child.wait().expect("the earlier version ends");
    }
}

/// Does the rows of credentials whenever a line of the input asks for one.
fn serve() {
    let world = parts::world(Size::LARGE);
    let directory = directory(&world);
    let presented = HEATS.map(|(_, requests)| Presented::all(&world, requests));
    let mut rows = presented
        .each_ref()
        .map(|presented| parts::credentials(&world, &directory, presented));
    for line in std::io::stdin().lines() {
        let line = line.expect("text");
        let numbers: Vec<usize> = line
            .split(' ')
            .map(|number| number.parse().expect("a number"))
            .collect();
        println!("{}", (rows[numbers[0]][numbers[1]].round)());
    }
}

/// The rows of credentials at full scale, hot, warm and cold.
fn credentials(earlier: Option<&Earlier>, rounds: usize) -> Vec<Measured> {
    let world = parts::world(Size::LARGE);
    let directory = directory(&world);
    let measured = HEATS.iter().enumerate().map(|(number, (heat, requests))| {
        let presented = Presented::all(&world, *requests);
        let mut rows = parts::credentials(&world, &directory, &presented);
        #[cfg(not(feature = "before"))]
        rows.push(batches::row(&world, &directory, &presented));
        if let Some(earlier) = earlier {
            rows.push(earlier.row("one by one", number, 0));
            rows.push(earlier.row("the principal alone", number, 1));
        }
        let title = format!("credential to decision, full scale, {heat}");
        measure(&title, rounds, rows)
    });
    measured.collect()
}

/// The rows of the table of targets.
struct Table(Vec<String>);

impl Table {
    /// A row: the ratio of two measured rows, with the target.
    fn add(&mut self, what: &str, measured: &Measured, own: &str, other: &str, target: f64) {
        let Some((low, middle, high)) = measured.ratio(own, other) else {
            return;
        };
        let met = if middle <= target { "" } else { ", not met" };
        self.0.push(format!(
            "| {what} | {middle:.2} | {low:.2} to {high:.2} | {target:.2}{met} |"
        ));
    }
}

fn main() {
    let argument = std::env::args().nth(1);
    if argument.as_deref() == Some("serve") {
        return serve();
    }
    let earlier = argument.map(|program| Earlier::start(&program));
    println!("{}", processor());
    let mut table = Table(Vec::new());
    for (title, size, of_matchit) in [
        ("120 endpoints", Size::SMALL, 1.05),
        ("1,000 endpoints", parts::MEDIUM, 0.9),
        ("10,000 endpoints", parts::LARGE, 0.75),
    ] {
        let [resolved, strings] = parts::decisions(title, size, 256, 200, matchit_alone);
        let row = |what: &str| format!("{what}, {title}");
        let (bare, own) = ("bare rules", "resolved values");
        table.add(
            &row("resolved values ÷ bare rules"),
            &resolved,
            own,
            bare,
            1.1,
        );
        table.add(&row("strings ÷ bare rules"), &strings, "strings", bare, 1.1);
        let (what, other) = (row("strings ÷ matchit alone"), "matchit alone");
        table.add(&what, &strings, "strings", other, of_matchit);
    }
    let [_, strings] = parts::decisions("full scale, hot", Size::LARGE, 256, 100, matchit_alone);
    let what = "strings ÷ bare rules, full scale, hot";
    table.add(what, &strings, "strings", "bare rules", 1.1);
    for ((heat, _), measured) in HEATS.iter().zip(credentials(earlier.as_ref(), 15)) {
        let row = |what: &str| format!("credential to decision, full scale, {heat}: {what}");
        let (one, earlier) = ("one by one", "one by one, earlier version");
        table.add(&row("÷ earlier version"), &measured, one, earlier, 0.6);
        let batch = "in batches of 16";
        table.add(
            &row("batch ÷ earlier version"),
            &measured,
            batch,
            earlier,
            0.45,
        );
        table.add(&row("batch ÷ one by one"), &measured, batch, one, 1.0);
    }
    if let Some(earlier) = earlier {
        earlier.end();
    }
    let threads = parts::threads(15);
    let what = "processor time per decision, two threads ÷ one";
    table.add(what, &threads, "two threads", "one thread", 1.05);
    let alone = "two threads that share nothing";
    let what_alone = "processor time per decision, two threads ÷ two that share nothing";
    table.add(what_alone, &threads, "two threads", alone, 1.05);
    let two = "two threads that note each use";
    let one = "one thread that notes each use";
    table.add(&format!("{what}, each use noted"), &threads, two, one, 1.05);
    let alone = "two threads that note each use and share nothing";
    table.add(
        &format!("{what_alone}, each use noted"),
        &threads,
        two,
        alone,
        1.05,
    );
    println!("\n| measure | median of rounds | 10 % to 90 % | target |\n|---|---:|---:|---:|");
    for row in table.0 {
        println!("{row}");
    }
}
