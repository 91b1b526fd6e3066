//! Speaks the talk with espeak-ng, at 150 words a minute, and adds the times that are
//! reserved for demos, questions and experiments. Prints what each chapter takes on each
//! path of the talk, and fails when it is more than its minutes, or other than the README of
//! the notes says. `scripts/speak-time` runs it.

#![allow(clippy::print_stdout, reason = "it prints a table")]

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::Path,
    process::{Command, ExitCode, Stdio},
};

use notes::{Chapter, TalkPath};

/// Faster than the 100 for which the talk is planned: a synthesizer does not look at the
/// room.
const WORDS_PER_MINUTE: &str = "150";

/// The length of a WAV file's header, and where in it the bytes a second are.
const HEADER_BYTES: usize = 44;
const RATE_AT: usize = 28;

type Error = Box<dyn std::error::Error>;

/// How many seconds a text takes when it is spoken.
fn spoken(text: &str) -> Result<f64, Error> {
    let mut program = Command::new("espeak-ng")
        .args(["-v", "en-us", "-s", WORDS_PER_MINUTE, "--stdin", "--stdout"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("espeak-ng: {error}; install espeak-ng"))?;
    if let Some(mut input) = program.stdin.take() {
        input.write_all(text.as_bytes())?;
    }
    let wav = program.wait_with_output()?.stdout;
    let rate = wav.get(RATE_AT..).and_then(<[u8]>::first_chunk).copied();
    let rate = rate.map(u32::from_le_bytes).filter(|rate| *rate > 0);
    let rate = rate.ok_or("espeak-ng wrote no WAV file: does it speak en-us?")?;
    Ok((wav.len().saturating_sub(HEADER_BYTES)) as f64 / f64::from(rate))
}

/// What a chapter takes on each path: seconds spoken, seconds reserved.
fn measure(chapter: &Chapter) -> Result<[(f64, u32); 3], Error> {
    let mut times = [(0.0, 0); 3];
    for slide in &chapter.slides {
        let seconds = if slide.said.is_empty() { 0.0 } else { spoken(&slide.said)? };
        for (time, (path, _)) in times.iter_mut().zip(TalkPath::ALL) {
            if slide.paths.has(path) {
                *time = (time.0 + seconds, time.1 + slide.reserved);
            }
        }
    }
    Ok(times)
}

/// `1:05`
fn clock(seconds: f64) -> String {
    let seconds = seconds.round() as u32;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// A row of the table, and how many of its paths take more than their minutes.
fn row(title: &str, times: [(f64, u32); 3], minutes: [u32; 3]) -> (String, usize) {
    let mut too_long = 0;
    let columns =
        times.into_iter().zip(minutes).map(|((spoken, reserved), minutes)| {
            if minutes == 0 {
                return String::from("|");
            }
            let needed = spoken + f64::from(reserved);
            let fits = needed <= f64::from(minutes * 60);
            too_long += usize::from(!fits);
            let [spoken, reserved, needed] =
                [spoken, reserved.into(), needed].map(clock);
            let mark = if fits { "" } else { " TOO LONG" };
            format!("| {spoken} + {reserved} = {needed} of {minutes}{mark}")
        });
    let columns: String = columns.map(|text| format!("{text:<36}")).collect();
    (format!("{title:<29}{}", columns.trim_end()), too_long)
}

/// The notes: the name and the text of each file, in their order.
fn files(folder: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            files.insert(name.into_owned(), fs::read_to_string(&path)?);
        }
    }
    Ok(files)
}

/// What the README says of the three, to the minute.
fn told(whole: [(f64, u32); 3]) -> String {
    let [short, long, day] = whole.map(|(spoken, reserved)| {
        ((spoken + f64::from(reserved)) / 60.0).round() as u32
    });
    format!("the three take {short}, {long} and {day} minutes")
}

fn main() -> Result<ExitCode, Error> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workshop-notes");
    let ports = [3000, 3001, 3002, 3003, 3004, 3005, 3006];
    let chapters = notes::read(files(&folder)?, &ports, &[]);
    let paths = TalkPath::ALL.map(|(path, _)| path);
    let mut whole = [(0.0, 0); 3];
    let mut too_long = 0;
    println!("Spoken + reserved = together, in minutes and seconds, of the minutes");
    let talk = chapters.iter().filter(|chapter| chapter.minutes.is_some());
    for chapter in talk {
        let times = measure(chapter)?;
        for (sum, time) in whole.iter_mut().zip(times) {
            *sum = (sum.0 + time.0, sum.1 + time.1);
        }
        let minutes = paths.map(|path| chapter.minutes_in(path));
        let (line, more) = row(&chapter.title, times, minutes);
        println!("{line}");
        too_long += more;
    }
    let (line, more) = row("together", whole, paths.map(TalkPath::minutes));
    println!("{line}");
    let told = told(whole);
    if !fs::read_to_string(folder.join("README.md"))?.contains(&told) {
        return Err(format!("workshop-notes/README.md does not say: {told}").into());
    }
    Ok(if too_long + more == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
