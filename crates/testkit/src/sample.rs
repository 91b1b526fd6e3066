//! The JSON of samples, checked to the byte.

/// The number and the data (as JSON has it) of each sample in `[sample,…]`.
pub fn samples(array: &str) -> Vec<(u64, String)> {
    let array = array.strip_prefix('[').unwrap().strip_suffix(']').unwrap();
    let each = array.split_inclusive('}').map(|s| s.trim_start_matches(','));
    each.map(sample).collect()
}

/// The number and the data (as JSON has it) of a sample, checked to the byte.
pub fn sample(json: &str) -> (u64, String) {
    let (id, rest) = between(json, r#"{"id":""#, r#"","seq":"#);
    let (seq, rest) = between(rest, "", r#","at":"#);
    let (at, rest) = between(rest, "", r#","data":""#);
    let (data, rest) = between(rest, "", r#""}"#);
    assert_eq!((id.split_once('-').unwrap().1, rest), (seq, ""));
    assert!(at.parse::<u64>().unwrap() > 1_700_000_000_000, "Unix milliseconds");
    (seq.parse().unwrap(), data.to_owned())
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> (&'a str, &'a str) {
    let text = text.strip_prefix(before).unwrap_or_else(|| panic!("{text}"));
    text.split_once(after).unwrap_or_else(|| panic!("{text}"))
}
