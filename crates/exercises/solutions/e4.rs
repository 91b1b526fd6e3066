//! Exercise 4: each line of the data becomes a field `data` of its own.

pub(crate) fn event(id: u64, data: &str) -> String {
    let mut event = format!("id: {id}\n");
    for line in data.replace("\r\n", "\n").split(['\r', '\n']) {
        event.extend(["data: ", line, "\n"]);
    }
    event + "\n"
}
