// What WebRTC's page says when two pages do not connect.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reason } from '../../../../static/webrtc/reason.js';

const CHROMIUM = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0';
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15';
const here = 'candidate:1 1 UDP 2122187007 127.0.0.1 4711 typ host';
const usual = { serverGone: false, found: 2, told: here.replace('127.0.0.1', '192.168.1.20'), relayed: false, cut: false, userAgent: CHROMIUM };

test('each reason has one sentence, which says what to do', () => {
  const said = (facts) => reason({ ...usual, ...facts });
  assert.match(said({ found: 0 }), /no default route.*Connect to a network/);
  assert.match(said({ told: here, userAgent: FIREFOX }), /^Firefox does not take 127.0.0.1.*--lan/);
  assert.match(said({ userAgent: MAC }), /^macOS .*Local Network/);
  assert.match(said({ relayed: true, cut: true, userAgent: MAC }), /^The relay is cut.*Mend it/);
  assert.match(said({ relayed: true, serverGone: true }), /^The relay ended with its server: start/);
  assert.match(said({ relayed: true }), /firewall.*let in UDP/);
  assert.match(said({}), /no TURN server/);
});

test('what can not be the reason is not named', () => {
  const said = (facts) => reason({ ...usual, ...facts });
  assert.doesNotMatch(said({ userAgent: FIREFOX }), /127/);
  assert.doesNotMatch(said({ told: here }), /127/);
  assert.doesNotMatch(said({ cut: true }), /relay is cut/); // it is not used
});
