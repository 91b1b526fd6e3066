//! Mail: each letter that was taken is delivered once, in order, unless the server restarts.

use serde_json::Value;

use crate::{
    Phone, Seen,
    link::{ask, pause},
};

/// Writes letters to itself, each again until it is taken, and polls its inbox. Every third
/// response is lost.
pub(crate) fn write(phone: &Phone) -> Seen {
    let mut seen = Seen::default();
    let name = format!("phone{}", phone.number);
    let (mut sent, mut after) = (0, String::new());
    let mut last = 0; // the letter that came last
    let mut polls = 0;
    while phone.is_on() {
        let letter = format!(
            "{{\"key\":\"{name}-{sent}\",\"from\":\"{name}\",\"to\":\"{name}\",\
             \"text\":\"letter {}\"}}",
            sent + 1
        );
        let taken = ask(phone, "POST /mail/letters", "", &letter);
        let status = taken.map_or(0, |response| response.status);
        if status == 201 && polls % 2 == 0 {
            sent += 1; // otherwise the phone thinks that it was not, and sends it again
        }
        polls += 1;
        let cursor = match after.as_str() {
            "" => String::new(),
            after => format!("&after={after}"),
        };
        if sent <= last && !after.is_empty() && status != 404 {
            pause();
            continue; // nothing is on its way
        }
        let target = format!("GET /mail/letters?inbox={name}{cursor}");
        let Ok(response) = ask(phone, &target, "", "") else {
            pause();
            continue;
        };
        if response.status != 200 {
            continue;
        }
        let gap = response.field("feed-gap").unwrap_or("{}");
        let gap: Value = serde_json::from_str(gap).unwrap();
        let restarted = gap["restarted"] == true;
        seen.missed += gap["missed"].as_u64().unwrap_or_default();
        let Ok(content) = response.content() else { continue };
        seen.returns += 1;
        if polls % 3 == 0 {
            continue; // lost: the same is asked for again
        }
        if restarted {
            seen.restarts += 1;
            last = sent; // what was in the old inbox is gone with it
        }
        let letters: Vec<Value> = serde_json::from_str(&content).unwrap();
        for letter in letters {
            after = letter["id"].as_str().unwrap().to_owned();
            let text = letter["text"].as_str().unwrap();
            let Some(number) = text.strip_prefix("letter ") else { continue };
            let number: u64 = number.parse().unwrap();
            if restarted {
                last = last.max(number);
            } else {
                assert_eq!(number, last + 1, "{name}");
                last = number;
            }
            seen.received += 1;
        }
    }
    seen
}
