//! What the presenter commands, and what attendees may try on their own connections.

use serde_json::{Value, json};
use testkit::{Client, Live};

use crate::{ADA, BOB, next_events, open, stream};

/// Takes a sample that is newer than all that there are now.
fn goes_on(stream: &mut Client, presenter: &mut Live) {
    let newest = presenter.room()["newest"].as_u64().unwrap();
    while next_events(stream).last() <= Some(&newest) {}
}

#[test]
fn an_attendee_breaks_what_is_their_own_and_the_presenter_everything() {
    let workshop = open(&["--every", "50ms"]);
    let mut presenter = workshop.presenter();
    let mut ada = workshop.attendee(ADA);
    let mut hers = stream(&workshop, ADA, 3, "/api/v1/live-data");
    let mut his = stream(&workshop, BOB, 3, "/api/v1/live-data");
    ada.send(&json!({"try": {"technique": "sse", "effect": "cut"}}));
    let line = ada.until("connection", |line| !line["closed"].is_null());
    assert_eq!(line["how"], "cut");
    hers.end();
    goes_on(&mut his, &mut presenter);
    // Once at a time: each of these costs all connections a look.
    let stall = json!({"try": {"technique": "sse", "effect": "stall"}});
    ada.send(&stall);
    ada.send(&stall);
    ada.until("not_tried", |not| {
        not["why"].as_str().unwrap().contains("too fast")
            && (&not["technique"], &not["effect"])
                == (&json!("sse"), &json!("stall"))
    });
    let mut ada = workshop.attendee(ADA);
    ada.send(&stall);
    let room = ada.until("room", |room| room["effects"] != json!([]));
    let effect = &room["effects"][0];
    assert_eq!((&effect["effect"], &effect["you"]), (&json!("stall"), &json!(true)));
    // Longer than the 40 s of silence after which a page gives up.
    assert!((41..=45).contains(&effect["left"].as_u64().unwrap()), "{effect}");
    // Bob is not told of it, and the presenter is.
    let mut bob = workshop.attendee(BOB);
    assert_eq!(bob.until("room", |_| true)["effects"], json!([]));
    let room = presenter.until("room", |room| room["effects"] != json!([]));
    assert_eq!(room["effects"][0]["client"], ADA.to_string());
    presenter.command(&json!({"allow": false}));
    ada.until("room", |room| {
        room["effects"] == json!([]) && room["allowed"] == false
    });
    // From another page: this one has just tried something.
    let mut ada = workshop.attendee(ADA);
    ada.send(&json!({"try": {"technique": "sse", "effect": "cut"}}));
    let not = ada.until("not_tried", |_| true);
    assert!(not["why"].as_str().unwrap().contains("presenter"), "{not}");
    goes_on(&mut his, &mut presenter);

    let everyone = json!({"set": {"effect": "refuse", "on": true}});
    presenter.command(&everyone);
    his.end();
    let room = bob.until("room", |room| room["effects"] != json!([]));
    assert_eq!(room["effects"][0]["you"], false);
    presenter.command(&json!({"off": true}));
    bob.until("room", |room| room["effects"] == json!([]));
    next_events(&mut stream(&workshop, BOB, 3, "/api/v1/live-data"));
}

#[test]
fn what_the_presenter_put_on_a_device_its_attendee_neither_replaces_nor_ends() {
    let workshop = open(&["--every", "1h"]);
    let mut presenter = workshop.presenter();
    let mut ada = workshop.attendee(ADA);
    let set = |on: bool| {
        let scope = json!({"technique": "sse", "client": ADA.to_string()});
        let mut set = json!({"effect": "stall", "on": on});
        set.as_object_mut().unwrap().extend(scope.as_object().unwrap().clone());
        json!({ "set": set })
    };
    let by = |room: &Value| {
        let effects = room["effects"].as_array().unwrap();
        let by = effects.iter().map(|effect| effect["by"].as_str().unwrap());
        by.map(str::to_owned).collect::<Vec<_>>()
    };
    presenter.command(&set(true));
    let room = ada.until("room", |room| by(room) == ["presenter"]);
    assert_eq!(room["effects"][0]["you"], true);
    ada.send(&json!({"try": {"technique": "sse", "effect": "stall"}}));
    let room = ada.until("room", |room| by(room) == ["presenter", "you"]);
    assert_eq!(room["effects"][0]["left"], Value::Null);
    presenter.until("room", |room| by(room) == ["presenter", "attendee"]);
    // From another page: this one has just tried something.
    let mut again = workshop.attendee(ADA);
    again.send(&json!({"try": {"technique": "sse", "effect": "off"}}));
    ada.until("room", |room| by(room) == ["presenter"]);
    // A presenter's takes the place of an attendee's.
    let mut third = workshop.attendee(ADA);
    third.send(&json!({"try": {"technique": "sse", "effect": "stall"}}));
    ada.until("room", |room| by(room) == ["presenter", "you"]);
    presenter.command(&set(true));
    ada.until("room", |room| by(room) == ["presenter"]);
    presenter.command(&set(false));
    ada.until("room", |room| room["effects"] == json!([]));
    presenter.command(&set(false));
    let error = presenter.refusal();
    assert_eq!(error, "stall is already off: reload the page");
}

#[test]
fn a_command_is_answered_and_one_that_comes_too_late_is_not_done() {
    let workshop = open(&["--every", "1h"]);
    let mut presenter = workshop.presenter();
    let now = presenter.until("room", |_| true)["now"].as_u64().unwrap();
    let command = |id: u64, until: u64, ask: Value| json!({"command": {"id": id, "until": until, "ask": ask}});
    let stall = json!({"set": {"effect": "stall", "on": true}});
    presenter.send(&command(1, now + 60_000, json!({"allow": false})));
    assert_eq!(presenter.until("done", |_| true), 1);
    // As when the hub stood still after it was sent.
    presenter.until("room", |room| room["now"].as_u64() > Some(now));
    presenter.send(&command(3, now, stall.clone()));
    let refused = presenter.until("refused", |refused| refused["id"] == 3);
    assert_eq!(refused["why"], "the command came too late: press again");
    let wrong = json!({"release": "/compare"});
    presenter.send(&command(4, now + 60_000, wrong));
    let refused = presenter.until("refused", |refused| refused["id"] == 4);
    let why = "attendees are no longer brought to /compare: reload the page";
    assert_eq!(refused["why"], why);
    presenter.send(&command(
        5,
        now + 60_000,
        command(6, now + 60_000, stall.clone()),
    ));
    presenter.until("refused", |refused| refused["id"] == 5);
    let room = presenter.room();
    assert_eq!((&room["allowed"], &room["effects"]), (&json!(false), &json!([])));
    let mut ada = workshop.attendee(ADA);
    ada.send(&command(7, u64::MAX, stall));
    assert_eq!(ada.until("error", |_| true), "this is for the presenter");
}

#[test]
fn a_presenters_page_hears_from_the_hub_every_two_seconds_though_nothing_happens() {
    let workshop = open(&["--every", "1h"]);
    let mut presenter = workshop.presenter();
    let mut now = || presenter.until("room", |_| true)["now"].as_u64().unwrap();
    // The page itself is the last change, and is told within 250 ms.
    let _ = (now(), now());
    let (before, after) = (now(), now());
    assert!((1000..4000).contains(&(after - before)), "{before}, then {after}");
}

#[test]
fn the_presenter_leads_the_feed_and_the_room() {
    let workshop = open(&["--every", "50ms"]);
    let mut presenter = workshop.presenter();
    let mut ada = workshop.attendee(ADA);
    presenter.command(&json!({"feed": {"paused": true}}));
    let room = presenter.until("room", |room| room["paused"] == true);
    let newest = room["newest"].as_u64().unwrap();
    presenter.command(&json!({"feed": {"publish": 100}}));
    // One may have been on its way.
    let hundred = newest + 100..=newest + 101;
    presenter
        .until("room", |room| hundred.contains(&room["newest"].as_u64().unwrap()));
    presenter.command(&json!({"feed": {"every": 500}}));
    presenter.until("room", |room| room["every"] == 500);
    presenter.command(&json!({"here": "/chapter/sse"}));
    let first = ada.until("room", |room| room["here"] == "/chapter/sse");
    let first = first["brought"].as_u64().unwrap();
    // One of before this start is not repeated any more.
    presenter.command(&json!({"here_again": {"page": "/compare", "brought": 1}}));
    // The same page once more is told again.
    presenter.command(&json!({"here": "/chapter/sse"}));
    let room = ada.until("room", |room| room["brought"] == first + 1);
    assert_eq!(room["here"], "/chapter/sse");
    presenter.command(&json!({"slide": "sse/3"}));
    let room = ada.until("room", |room| room["slide"] == "sse/3");
    assert_eq!(room["here"], "/chapter/sse");
    presenter.command(&json!({"here": "/slides"}));
    presenter.command(&json!({"slide": null}));
    // Nobody is brought to slides that are closed.
    let room = ada.until("room", |room| room["slide"].is_null());
    assert_eq!((&room["slides_closed"], &room["here"]), (&json!(1), &json!(null)));
    presenter.command(&json!({"here": "/chapter/sse"}));
    // A page that is behind lets nobody go from where they are now.
    presenter.command(&json!({"release": "/compare"}));
    let error = presenter.refusal();
    assert_eq!(
        error,
        "attendees are no longer brought to /compare: reload the page"
    );
    assert_eq!(presenter.room()["here"], "/chapter/sse");
    presenter.command(&json!({"release": "/chapter/sse"}));
    let room = ada.until("room", |room| room["here"].is_null());
    // Two devices have a page open: the presenter's, and Ada's.
    assert_eq!(room["devices"], 2);
    assert!(room.get("clients").is_none(), "only the presenter is told of others");
    let _stream = stream(&workshop, BOB, 3, "/api/v1/live-data");
    let room = presenter.until("room", |room| room["open"]["sse"] == 1);
    let clients = room["clients"].as_array().unwrap();
    let bob = clients.iter().find(|it| it["client"] == BOB.to_string()).unwrap();
    assert_eq!((&bob["pages"], &bob["open"]["sse"]), (&json!(0), &json!(1)));
    // The presenter is told at which path each page is; what is too long is not kept.
    let long = format!("/live?at=/{}", "x".repeat(300));
    let page = |target| {
        let client = Client::connect_from(BOB, workshop.process.address);
        Live::open(client, target, "")
    };
    let own = "/live?at=/slides&presenters=true";
    let pages =
        ["/live?at=%2Fchapter%2Fsse", "/live?at=/", &long, "/live", own].map(page);
    let at = |paths: Value| {
        move |room: &Value| {
            let clients = room["clients"].as_array().unwrap();
            clients.iter().any(|one| {
                one["client"] == BOB.to_string()
                    && one["at"] == paths
                    && one["presenters"] == json!({"/slides": 1})
            })
        }
    };
    presenter
        .until("room", at(json!({"/chapter/sse": 1, "/": 1, "": 2, "/slides": 1})));
    let [chapter, ..] = pages;
    drop(chapter);
    presenter.until("room", at(json!({"/": 1, "": 2, "/slides": 1})));
}
