//! The talk fits its time: what is said, at a calm pace, and what is reserved for demos,
//! questions and experiments, is within the minutes of each chapter, for each length of
//! the talk.

use std::fs;

use ::notes::{Chapter, TalkPath};

use crate::{notes, nothing, root};

/// At how many slides the talk of 90 minutes stops.
const SPINE_LIMIT: usize = 75;

/// What of a talk is left for the room, at least: what is asked, and what takes longer.
const ROOM_PERCENT: u32 = 10;

/// How many sentences there are to say on a slide.
const SENTENCES_LIMIT: usize = 3;

fn chapters() -> Vec<Chapter> {
    let ports = [3000, 3001, 3002, 3003, 3004, 3005, 3006];
    let folder = fs::read_dir(root().join("workshop-notes")).unwrap();
    let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let files = paths.iter().filter(|path| path.is_file()).map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(path).unwrap())
    });
    let mut all = ::notes::read(files, &ports, &[]);
    all.retain(|chapter| chapter.minutes.is_some());
    all
}

#[test]
fn what_is_said_and_done_fits_the_minutes_of_each_chapter() {
    let mut wrong = Vec::new();
    let chapters = chapters();
    for (path, _) in TalkPath::ALL {
        let (talk, mut whole, mut needed) = (path.minutes(), 0, 0);
        for chapter in &chapters {
            let slides = chapter.slides.iter();
            let slides = slides.filter(|slide| slide.paths.has(path));
            let seconds: u32 = slides.map(::notes::Slide::seconds).sum();
            let minutes = chapter.minutes_in(path);
            whole += minutes;
            needed += seconds;
            let id = &chapter.id;
            if seconds > minutes * 60 {
                wrong.push(format!(
                    "{talk}: {id} needs {seconds} s of {minutes} min"
                ));
            }
        }
        let most = talk * 60 * (100 - ROOM_PERCENT) / 100;
        if needed > most {
            wrong.push(format!("{talk}: needs {needed} s, more than {most}"));
        }
        if whole != talk {
            wrong.push(format!("the chapters of {talk} minutes have {whole}"));
        }
    }
    nothing(&wrong);
}

#[test]
fn a_talk_of_ninety_minutes_stops_at_few_slides() {
    let chapters = chapters();
    let slides = || chapters.iter().flat_map(|chapter| &chapter.slides);
    let count = slides().filter(|slide| slide.paths.has(TalkPath::Long)).count();
    assert!(count <= SPINE_LIMIT, "{count} slides");
    // Whoever gives the shorter talk has something to say, too.
    let short = slides().filter(|slide| slide.paths.has(TalkPath::Short));
    assert_eq!(short.filter(|slide| slide.said.is_empty()).count(), 0);
}

/// Whether it says how long it takes: "(60 s) …".
fn says_how_long(text: &str) -> bool {
    let seconds = text.strip_prefix(" (").and_then(|rest| rest.split_once(" s) "));
    seconds.is_some_and(|(seconds, _)| seconds.parse::<u32>().is_ok())
}

#[test]
fn what_happens_has_its_time_and_a_question_its_answer() {
    let mut wrong = Vec::new();
    for note in notes().iter().filter(|note| note.is_chapter()) {
        for section in note.sections() {
            let said: Vec<_> = section
                .blocks
                .iter()
                .filter_map(|block| block.text.strip_prefix("Say:"))
                .collect();
            let place = format!("{}: {}", note.name, section.heading);
            let texts = || section.blocks.iter().map(|block| &block.text);
            let is_answer = |text: &&String| {
                text.starts_with("Ask:") && text.contains("Answer:")
            };
            if texts().any(|text| text.starts_with("Predict:"))
                && !texts().any(|text| is_answer(&text))
            {
                wrong.push(format!("{place}: what happens, of what is predicted?"));
            }
            for text in &said {
                let ends = |word: &&str| word.ends_with(['.', '?', '!']);
                let sentences = text.split_whitespace().filter(ends).count();
                if said.len() != 1 || !(1..=SENTENCES_LIMIT).contains(&sentences) {
                    wrong.push(format!("{place}: says {sentences} sentences"));
                }
            }
            for block in &section.blocks {
                let Some((label, text)) = block.text.split_once(':') else {
                    continue;
                };
                let on_spine = !said.is_empty() && ["Ask", "Demo"].contains(&label);
                // Or it is left out when the clock says so.
                let when_there_is_time =
                    label == "Demo" && text.starts_with(" When there is time: ");
                if (label == "Do" || on_spine)
                    && !says_how_long(text)
                    && !when_there_is_time
                {
                    wrong.push(format!("{place}: how long is {}?", block.text));
                }
                if on_spine && label == "Ask" && !text.contains("Answer:") {
                    wrong.push(format!(
                        "{place}: what is the answer? {}",
                        block.text
                    ));
                }
            }
        }
    }
    nothing(&wrong);
}

#[test]
fn the_index_says_how_long_each_chapter_is() {
    let index = fs::read_to_string(root().join("workshop-notes/README.md")).unwrap();
    for (number, chapter) in chapters().iter().enumerate() {
        let minutes = [chapter.minutes, chapter.short_minutes, chapter.day_minutes];
        let minutes = minutes.map(|n| n.map_or(String::new(), |n| n.to_string()));
        let number = format!("| {} | [", number + 1);
        let line = index.lines().find(|line| line.starts_with(&number)).unwrap();
        let expected = format!(" | {} |", minutes.join(" | "));
        assert!(line.ends_with(&expected), "{line} has not {expected}");
    }
}
