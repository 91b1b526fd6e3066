//! Blocks behind `<!-- code: FILE KIND NAME -->` are that item of the file, those behind
//! `<!-- wire: … -->` what a server sends, those behind `<!-- behind: … -->` what a
//! real proxy passes on, and those behind `<!-- prints: COMMAND -->`, also a table, what
//! the command prints. With `UPDATE_NOTES`, a block that differs is written anew.

use std::{env, fs, thread};

use crate::{behind_blocks, commands, notes, nothing, root, wire_blocks};

/// The item of a source file, without its doc comment and its indentation.
fn item(spec: &str) -> Vec<String> {
    let words: Vec<_> = spec.split(' ').collect();
    let [file, kind, name] = words[..] else { panic!("{spec:?}: file, kind, name") };
    let text = fs::read_to_string(root().join(file))
        .unwrap_or_else(|error| panic!("{spec}: {error}"));
    let begins = |line: &&str| {
        let mut line = line.trim_start();
        for before in ["export ", "pub(crate) ", "pub ", "async "] {
            line = line.strip_prefix(before).unwrap_or(line);
        }
        let rest = line.strip_prefix(kind).and_then(|rest| rest.strip_prefix(' '));
        rest.and_then(|rest| rest.strip_prefix(name)).is_some_and(|rest| {
            !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        })
    };
    let mut lines = text.lines().skip_while(|line| !begins(line));
    let first = lines.next().unwrap_or_else(|| panic!("there is no {spec}"));
    let indent = &first[..first.len() - first.trim_start().len()];
    let outdented =
        |line: &str| line.strip_prefix(indent).unwrap_or(line).to_owned();
    let mut item = vec![outdented(first)];
    if !first.ends_with([';', '}']) {
        for line in lines.map(outdented) {
            item.push(line.clone());
            if line.starts_with('}') {
                break;
            }
        }
    }
    item
}

/// What a command prints.
fn printed(command: &str) -> Vec<String> {
    let output = commands::shell(command, &[]);
    assert!(output.status.success(), "{command}: {output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    printed.lines().map(str::to_owned).collect()
}

/// What differs each time, or does not matter, made the same.
fn normal(kind: &str, lines: &[String]) -> Vec<String> {
    if ["code", "prints"].contains(&kind) {
        return lines.to_vec();
    }
    // What stands between these two; nothing as the end is the end of the line.
    const VALUES: [(&str, &str); 15] = [
        ("\"id\":\"", "\""),
        ("\"sid\":\"", "\""),
        ("\"pid\":\"", "\""),
        ("},\"", "\"]"),
        ("\"seq\":", ","),
        ("\"at\":", ","),
        ("\"data\":\"", "\""),
        ("?after=", " "),
        ("date: ", ""),
        ("retry: ", ""),
        ("server: ", ""),
        ("id: ", ""),
        ("BERLIN ", ""),
        ("LONDON ", ""),
        ("PARIS ", ""),
    ];
    let mut normal: Vec<String> = lines.to_vec();
    for line in &mut normal {
        for (before, after) in VALUES {
            let Some(start) = line.to_lowercase().find(&before.to_lowercase())
            else {
                continue;
            };
            let start = start + before.len();
            let end = match after {
                "" => line.len(),
                after => line[start..].find(after).map_or(line.len(), |n| start + n),
            };
            line.replace_range(start..end, "…");
        }
    }
    // The fields of an answer come in any order.
    if let Some(status) =
        normal.iter().position(|line| line.starts_with("HTTP/1.1 "))
    {
        let fields = &mut normal[status + 1..];
        let end = fields.iter().position(String::is_empty).unwrap_or(fields.len());
        fields[..end].sort();
    }
    normal
}

#[test]
fn code_and_bytes_are_what_the_sources_say_and_the_servers_send() {
    let update = env::var_os("UPDATE_NOTES").is_some();
    let check = |note: crate::Note| {
        let mut wrong = Vec::new();
        let mut text = Vec::new();
        let mut lines = note.text.lines();
        while let Some(line) = lines.next() {
            text.push(line.to_owned());
            let comment =
                line.strip_prefix("<!-- ").and_then(|l| l.strip_suffix(" -->"));
            let Some((kind @ ("code" | "wire" | "behind" | "prints"), spec)) =
                comment.and_then(|comment| comment.split_once(": "))
            else {
                continue;
            };
            // A table begins with its first row, and ends with an empty line.
            let first = lines.by_ref().find(|line| !line.is_empty()).unwrap();
            let is_table = kind == "prints" && first.starts_with('|');
            let fenced = is_table || first.starts_with("```");
            assert!(fenced, "{}: {spec}: {first}", note.name);
            let (fence, row) =
                if is_table { (None, Some(first)) } else { (Some(first), None) };
            let end = fence.map_or("", |_| "```");
            let rest = lines.by_ref().take_while(|line| *line != end);
            let is: Vec<String> =
                row.into_iter().chain(rest).map(str::to_owned).collect();
            let is_not = match kind {
                "code" => item(spec),
                "wire" => wire_blocks::answer(spec),
                "behind" => behind_blocks::answer(spec),
                _ => printed(spec),
            };
            let same = normal(kind, &is) == normal(kind, &is_not);
            if !same {
                let is_not = is_not.join("\n");
                wrong.push(format!("{}: {kind}: {spec}:\n{is_not}", note.name));
            }
            text.push(String::new());
            text.extend(fence.map(str::to_owned));
            text.extend(if same { is } else { is_not });
            text.push(end.into());
        }
        if update && !wrong.is_empty() {
            fs::write(&note.path, text.join("\n") + "\n").unwrap();
            wrong.clear();
        }
        wrong
    };
    // Servers take their time; each chapter is on its own.
    let wrong: Vec<_> = thread::scope(|scope| {
        let check = &check;
        let notes = notes().into_iter().map(|note| scope.spawn(move || check(note)));
        let notes: Vec<_> = notes.collect();
        notes.into_iter().flat_map(|note| note.join().unwrap()).collect()
    });
    nothing(&wrong);
}
