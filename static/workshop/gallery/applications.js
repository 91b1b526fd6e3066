// The applications: in the order of the page, each with why its technique fits, what would break
// with the others, and cards. `see` is an observer, of observers.js beside this file.
import * as see from '/workshop/gallery/observers.js';

export const APPLICATIONS = {
  stock: {
    title: 'Stock prices',
    technique: 'sse',
    why: 'Prices go one way, from the server to all; the browser reconnects by itself and says where it '
      + 'was, so the chart has no hole. Polling would show each price late, or mostly get an '
      + 'empty response. A WebSocket would need our own code for what an EventSource does by itself.',
    cards: [{
      title: 'Cut: the chart has no hole',
      todo: 'Reset the connections of this device, and watch the chart.',
      expect: 'The page is back within some seconds, with all changes since.',
      attempt: { effect: 'cut' },
      see: see.resumed('stock'),
    }],
  },
  news: {
    title: 'News wall',
    technique: 'sse',
    why: 'All read, and few write: one stream down, and a POST for each headline, which is answered by a '
      + 'status code. Polling would show a headline late, or mostly get an empty response. A WebSocket '
      + 'would do, but what answers each headline would have to be invented.',
    cards: [{
      title: 'Cut: the wall is whole again',
      todo: 'Post a headline. Then reset the connections of this device.',
      expect: 'The page is back within some seconds, and is sent the whole wall.',
      attempt: { effect: 'cut' },
      see: see.wallIsWhole,
    }],
  },
  monitor: {
    title: 'Server monitor',
    technique: 'sse',
    why: 'Only the newest measurement counts, and one request is enough for a whole day of them. With '
      + 'polling, a page that asks each second sends a head each way for one line of data. No technique '
      + 'can tell that a server is dead: the page has to notice that nothing comes.',
    cards: [{
      title: 'Stall: alive turns to stale',
      todo: 'Stop all bytes to this device, without closing anything.',
      expect: 'After 4 s without a measurement the page says “Stale”, by itself.',
      attempt: { effect: 'stall' },
      see: see.stale,
    }],
  },
  log: {
    title: 'Log stream',
    technique: 'sse',
    why: 'The query says which lines are wanted, and the server sends no other one. A reader that is too '
      + 'slow is told how many lines it missed, since nothing queues up for it. A WebSocket without back '
      + 'pressure would fill the memory of the server; polling would miss lines between two requests.',
    cards: [{
      title: 'Missed: more lines than are kept',
      todo: 'The presenter writes 2000 lines at once, in this page.',
      expect: 'The page shows the newest lines, and how many it missed.',
      see: see.missed,
    }],
  },
  answer: {
    title: 'Answer, word by word',
    technique: 'sse',
    why: 'The response to a POST begins at once and goes on as words come, in the format of server-sent '
      + 'events. An EventSource can’t POST, so the page reads the stream with fetch and resumes by itself. '
      + 'With polling, words would come in lumps; to abort the request ends the connection, not the work.',
    cards: [{
      title: 'Cut: the answer goes on where it was',
      todo: 'Ask something, and reset the connections of this device while the words come.',
      expect: 'The page asks for the rest with the id of the last word, and the sentence is whole.',
      attempt: { effect: 'cut' },
      see: see.resumed('answer'),
    }],
  },
  mail: {
    title: 'Mail',
    technique: 'long-poll',
    why: 'Letters are rare, and each ends a request that waits for it, through every proxy that knows HTTP. '
      + 'The request names the last letter, so what comes between two polls waits in the inbox. With short '
      + 'polling the phone would ring late; a stream or a WebSocket would be held for hours for a few letters.',
    cards: [{
      title: 'Cut: no letter is lost',
      todo: 'Open an inbox. Then reset the connections of this device, and write to it from another one meanwhile.',
      expect: 'The page, or the browser by itself, polls again with the id of the last letter.',
      attempt: { effect: 'cut' },
      see: see.pollsAgain,
    }],
  },
  weather: {
    title: 'Weather',
    technique: 'short-poll',
    why: 'It changes seldom, is the same for all, and may be some seconds old: caches answer most requests, '
      + 'and a 304 is a head without content. No other technique can be cached: a stream for each reader '
      + 'would be held open for a line every ten minutes, and would say nothing to a page that is offline.',
    cards: [{
      title: 'Watch: answers that cost nothing',
      todo: 'Watch the miniature, until five answers came from the cache or were a 304.',
      expect: 'The bytes saved grow with each of them.',
      see: see.saved,
    }],
  },
  whiteboard: {
    title: 'Whiteboard',
    technique: 'websocket',
    why: 'Both sides speak often: a message for each frame of the screen up, and the ink of all others down. '
      + 'With POST, each message would have a head many times its size, and could overtake the one before. A '
      + 'WebSocket delivers nothing after a cut: so the page numbers what it draws, and the server acknowledges.',
    cards: [{
      title: 'Cut: draw on, nothing is lost',
      todo: 'Draw, reset the connections of this device, and draw on meanwhile.',
      expect: 'The page is back within some seconds, and sends again what was not acknowledged.',
      attempt: { effect: 'cut' },
      see: see.back('whiteboard'),
    }],
  },
  chat: {
    title: 'Chat',
    technique: 'websocket',
    served: 'websocket',
    path: '/chat-room.html',
    why: 'People write often and read what all others write, at once, on one connection. SSE with POST is '
      + 'enough up to some messages a second from each person. With polling, a talk has pauses.',
    cards: [],
  },
};
