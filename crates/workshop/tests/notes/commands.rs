//! Every command in the notes exists, with its flags; what ends by itself is run, and
//! prints what the notes say.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::{Block, Section, links, nothing, root, wire_blocks};

/// Programs that are run, when they are given something to work on.
const PROGRAMS: [&str; 7] = ["cat", "curl", "head", "ip", "printf", "ss", "wc"];

/// Commands that are not run, and why.
const NOT_RUN: [(&str, &str); 1] =
    [("printf %s KEY258EAFA5", "KEY stands for what the reader copies")];

/// The code of a block that is a command, without variables before it.
fn commands(block: &Block) -> Vec<String> {
    let shell = block.language.as_ref().is_none_or(|language| language == "sh");
    let mut commands = Vec::new();
    for code in block.code.iter().filter(|_| shell) {
        // A comment behind it.
        let code = code.split("  #").next().unwrap_or_default().trim();
        let mut words = code.split(' ').skip_while(|word| is_variable(word));
        let program = words.next().unwrap_or_default();
        let argument = words.clone().any(|word| !word.starts_with('-'));
        let ours =
            ["cargo", "node"].contains(&program) || program.starts_with("scripts/");
        if ours || (PROGRAMS.contains(&program) && argument) {
            let words: Vec<_> = [program].into_iter().chain(words).collect();
            commands.push(words.join(" "));
        }
    }
    commands
}

fn is_variable(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
    })
}

/// A program of the workspace, built when it is not there: `sse`, `examples/…`.
fn program(package: &str, example: Option<&str>) -> PathBuf {
    let folder = Path::new(env!("CARGO_BIN_EXE_workshop")).parent().unwrap();
    let path = example.map_or_else(
        || folder.join(package),
        |example| folder.join("examples").join(example),
    );
    if !path.exists() {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--locked", "--package", package]);
        build.args(example.into_iter().flat_map(|example| ["--example", example]));
        assert!(build.status().unwrap().success(), "{package} is built");
    }
    path
}

/// The package that has this example.
fn package_of(example: &str) -> Option<String> {
    let crates = fs::read_dir(root().join("crates")).unwrap();
    let mut crates = crates.map(|entry| entry.unwrap().path());
    let package = crates.find(|path| {
        let manifest =
            fs::read_to_string(path.join("Cargo.toml")).unwrap_or_default();
        manifest.contains(&format!("[[example]]\nname = \"{example}\""))
            || path.join(format!("examples/{example}.rs")).exists()
    })?;
    Some(package.file_name()?.to_string_lossy().into_owned())
}

/// What is wrong with the words behind `cargo`, if something is.
fn cargo(words: &[&str]) -> Result<(), String> {
    let mut parts = words.split(|word| *word == "--");
    let own = parts.next().unwrap_or_default();
    let passed = parts.next().unwrap_or_default();
    let value = |flag: &str| {
        let at = own.iter().position(|word| *word == flag)?;
        own.get(at + 1).copied()
    };
    match own.first() {
        Some(&"build") => Ok(()),
        Some(&"run") => cargo_run(value("-p"), value("--example"), passed),
        Some(&"test") => {
            let mut before = "";
            let filter = own[1..].iter().find(|word| {
                let is_value = ["-p", "--test"].contains(&before);
                before = word;
                !is_value && !word.starts_with('-')
            });
            cargo_test(value("-p"), value("--test"), filter.copied())
        }
        other => Err(format!("{other:?} is not known here")),
    }
}

fn cargo_run(
    package: Option<&str>,
    example: Option<&str>,
    passed: &[&str],
) -> Result<(), String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let members = manifest.split("default-members = [").nth(1).unwrap();
    let default = members.split(']').next().unwrap().contains("\"crates/workshop\"");
    let package = match (package, example) {
        (Some(package), _) => package.to_owned(),
        // It would need what only the tests of all members need.
        (None, Some(_)) => return Err("--example without -p".into()),
        (None, None) if default => "workshop".to_owned(),
        (None, None) => return Err("cargo does not know which program".into()),
    };
    let there = match example {
        Some(example) => package_of(example).as_ref() == Some(&package),
        None => root().join("crates").join(&package).join("src/main.rs").exists(),
    };
    if !there {
        return Err("there is no such program".into());
    }
    let flags = passed.iter().filter(|word| word.starts_with("--"));
    let flags: Vec<_> = flags.map(|flag| flag.split('=').next().unwrap()).collect();
    if flags.is_empty() {
        return Ok(());
    }
    let help = Command::new(program(&package, example)).arg("--help").output();
    let help = String::from_utf8(help.unwrap().stdout).unwrap();
    let known: Vec<_> = help.split([' ', ',', '\n']).collect();
    match flags.iter().find(|flag| !known.contains(flag)) {
        Some(flag) => Err(format!("{package} has no flag {flag}")),
        None => Ok(()),
    }
}

fn cargo_test(
    package: Option<&str>,
    test: Option<&str>,
    filter: Option<&str>,
) -> Result<(), String> {
    let folder = root().join("crates").join(package.unwrap_or_default());
    if !folder.exists() {
        return Err("there is no such package".into());
    }
    let files = |test| [format!("tests/{test}.rs"), format!("tests/{test}/main.rs")];
    if let Some(test) = test
        && !files(test).iter().any(|file| folder.join(file).exists())
    {
        return Err(format!("there is no test {test}"));
    }
    match filter {
        Some(filter) if !is_in_a_test(&folder, filter) => {
            Err(format!("no test is called {filter}"))
        }
        _ => Ok(()),
    }
}

/// Whether a file of tests below a folder has this word.
fn is_in_a_test(folder: &Path, name: &str) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return is_in_a_test(&path, name);
        }
        path.to_string_lossy().contains("/tests/")
            && path.extension().is_some_and(|extension| extension == "rs")
            && fs::read_to_string(&path).unwrap().contains(name)
    })
}

/// What is wrong with the words behind `node`, if something is.
fn node(words: &[&str]) -> Result<(), String> {
    let file = words.first().is_some_and(|file| root().join(file).is_file());
    file.then_some(()).ok_or_else(|| "there is no such file".into())
}

/// What is wrong with a script and its flags, if something is.
fn script(script: &str, words: &[&str]) -> Result<(), String> {
    let text = fs::read_to_string(root().join(script));
    let text = text.map_err(|error| error.to_string())?;
    let mut flags = words.iter().filter(|word| word.starts_with('-'));
    match flags.find(|flag| !text.contains(**flag)) {
        Some(flag) => Err(format!("it has no flag {flag}")),
        None => Ok(()),
    }
}

/// What the notes say that a command prints: "says 4000", or "It prints `…`" behind it.
fn expected(section: &Section, at: usize) -> Option<String> {
    let block = &section.blocks[at];
    if let Some((_, says)) = block.text.split_once(" says ") {
        return Some(says.chars().take_while(char::is_ascii_digit).collect());
    }
    let next = section.blocks.get(at + 1)?;
    next.text.starts_with("It prints  ` ").then(|| next.code[0].clone())
}

/// What a command in a shell prints, with the demos where they are now.
pub(crate) fn shell(command: &str, ports: &[(u16, u16)]) -> Output {
    let mut here = command.to_owned();
    for (usual, port) in ports {
        here = here.replace(&format!(":{usual}"), &format!(":{port}"));
    }
    Command::new("sh").args(["-c", &here]).current_dir(root()).output().unwrap()
}

/// Runs a command. What is wrong with it, if something is.
fn run(
    command: &str,
    ports: &[(u16, u16)],
    expected: Option<String>,
) -> Result<(), String> {
    let output = shell(&command.replace("curl -N", "curl --max-time 1 -N"), ports);
    let printed = String::from_utf8_lossy(&output.stdout);
    // 28: curl was told not to wait for the end.
    let ended = matches!(output.status.code(), Some(0 | 28));
    match expected {
        _ if !ended => Err(format!("{output:?}")),
        Some(expected) if printed.trim() != expected => {
            Err(format!("{expected} was expected, not {printed}"))
        }
        _ => Ok(()),
    }
}

#[test]
fn every_command_exists_and_does_what_the_notes_say() {
    let demos = ["short-poll", "long-poll", "http-stream", "sse", "websocket"];
    let demos = demos.map(wire_blocks::serve);
    let ports: Vec<_> = demos
        .iter()
        .map(|(server, usual)| (*usual, server.address.port()))
        .collect();
    // So that there is a connection to be listed.
    let _connections = demos.each_ref().map(|(server, _)| server.connect());
    let mut wrong = Vec::new();
    for note in links::all() {
        for section in note.sections() {
            for (at, block) in section.blocks.iter().enumerate() {
                for command in commands(block) {
                    let words: Vec<_> = command.split(' ').collect();
                    let not_run =
                        NOT_RUN.iter().any(|(c, _)| command.starts_with(c));
                    let result = match words[0] {
                        "cargo" => cargo(&words[1..]),
                        "node" => node(&words[1..]),
                        own if own.starts_with("scripts/") => {
                            script(own, &words[1..])
                        }
                        _ if not_run => Ok(()),
                        _ => run(&command, &ports, expected(&section, at)),
                    };
                    wrong.extend(
                        result
                            .err()
                            .map(|e| format!("{}: {command}: {e}", note.name)),
                    );
                }
            }
        }
    }
    nothing(&wrong);
}

#[test]
fn the_tour_with_curl_goes_through_all_five() {
    let tour = |arguments: &[&str]| {
        Command::new(root().join("scripts/curl-tour"))
            .args(arguments)
            .output()
            .unwrap()
    };
    let last = tour(&["--fast", "websocket"]);
    let last = String::from_utf8_lossy(&last.stdout);
    assert!(last.starts_with("\n5. WebSocket: ") && last.contains("403"), "{last}");
    assert_eq!(tour(&["--help"]).status.code(), Some(0));
    for wrong in [&["6"][..], &["4", "5"], &["lens"]] {
        let tour = tour(wrong);
        let why = String::from_utf8_lossy(&tour.stderr);
        assert!(tour.status.code() == Some(2) && why.contains("1 to 5"), "{why}");
    }
    let tour = tour(&["--fast"]);
    let shown = String::from_utf8_lossy(&tour.stdout);
    assert!(tour.status.success(), "{}", String::from_utf8_lossy(&tour.stderr));
    for shows in [
        "HTTP/1.1 204 No Content",
        "(held for 3.",
        "A bare 1 is the size of a heartbeat",
        "< transfer-encoding: chunked",
        "> Last-Event-ID: ",
        "< HTTP/1.1 101 Switching Protocols",
        "< HTTP/1.1 403 Forbidden",
    ] {
        assert!(shown.contains(shows), "{shows}:\n{shown}");
    }
    let long: Vec<_> =
        shown.lines().filter(|line| line.chars().count() >= 100).collect();
    assert_eq!(long, [""; 0], "lines that a terminal has no room for");
}
