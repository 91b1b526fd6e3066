// A peer to compare with: the techniques on Go's net/http, as its examples would have them.
// The same paths, samples and rhythm as the workshop's; a sample is serialised once, and
// handed to each client's goroutine through a channel. A client that falls behind loses
// samples, and is not told. (Go's library has no WebSocket: the two bytes before a sample
// are written by hand, so that nothing need be downloaded.)
package main

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"
)

const keep = 1000

type sample struct {
	seq  int
	id   string
	json string
}

type feed struct {
	sync.RWMutex
	log   []sample
	news  map[chan sample]struct{}
	seq   int
	every time.Duration
}

func (f *feed) publish() {
	const letters = "0123456789abcdefghijklmnopqrstuvwxyz"
	data := make([]byte, 13)
	for i := range data {
		data[i] = letters[rand.Intn(len(letters))]
	}
	f.Lock()
	defer f.Unlock()
	f.seq++
	id := fmt.Sprintf("go00-%d", f.seq)
	at := time.Now().UnixMilli()
	json := fmt.Sprintf(`{"id":"%s","seq":%d,"at":%d,"data":"%s"}`, id, f.seq, at, data)
	s := sample{f.seq, id, json}
	f.log = append(f.log, s)
	if len(f.log) > keep {
		f.log = f.log[1:]
	}
	for client := range f.news {
		select {
		case client <- s:
		default:
		}
	}
}

// Between half and double of every, and every on average, as the workshop's.
func (f *feed) run() {
	next := time.Now()
	for {
		factor := 0.5 + rand.Float64()/2
		if rand.Intn(3) == 2 {
			factor = 1 + rand.Float64()
		}
		next = next.Add(time.Duration(factor * float64(f.every)))
		if time.Since(next) > time.Second {
			next = time.Now()
		}
		time.Sleep(time.Until(next))
		f.publish()
	}
}

func (f *feed) join() (sample, chan sample) {
	news := make(chan sample, 64)
	f.Lock()
	defer f.Unlock()
	f.news[news] = struct{}{}
	return f.log[len(f.log)-1], news
}

func (f *feed) leave(news chan sample) {
	f.Lock()
	defer f.Unlock()
	delete(f.news, news)
}

func (f *feed) since(after string) []sample {
	f.RLock()
	defer f.RUnlock()
	last := f.seq - 1
	if _, seq, found := strings.Cut(after, "-"); found {
		last, _ = strconv.Atoi(seq)
	}
	unread := f.seq - last
	if unread > len(f.log) {
		unread = len(f.log)
	}
	if unread <= 0 {
		return nil
	}
	return append([]sample(nil), f.log[len(f.log)-unread:]...)
}

func array(w http.ResponseWriter, samples []sample) {
	w.Header().Set("Cache-Control", "no-store")
	if len(samples) == 0 {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	json := make([]string, len(samples))
	for i, s := range samples {
		json[i] = s.json
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, "[%s]", strings.Join(json, ","))
}

func (f *feed) shortPolling(w http.ResponseWriter, r *http.Request) {
	array(w, f.since(r.URL.Query().Get("after")))
}

func (f *feed) longPolling(w http.ResponseWriter, r *http.Request) {
	_, news := f.join()
	defer f.leave(news)
	after := r.URL.Query().Get("after")
	samples := f.since(after)
	if len(samples) == 0 {
		timeout := time.NewTimer(30 * time.Second)
		defer timeout.Stop()
		select {
		case <-news:
			samples = f.since(after)
		case <-timeout.C:
		case <-r.Context().Done():
		}
	}
	array(w, samples)
}

// Writes what text makes of each sample until the client leaves.
func (f *feed) stream(mime string, text func(sample) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", mime)
		w.Header().Set("Cache-Control", "no-store")
		flusher := w.(http.Flusher)
		newest, news := f.join()
		defer f.leave(news)
		for {
			if _, err := fmt.Fprint(w, text(newest)); err != nil {
				return
			}
			flusher.Flush()
			select {
			case newest = <-news:
			case <-r.Context().Done():
				return
			}
		}
	}
}

func (f *feed) chat(w http.ResponseWriter, r *http.Request) {
	key := r.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
	accept := sha1.Sum([]byte(key))
	socket, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer socket.Close()
	fmt.Fprintf(socket, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"+
		"Connection: Upgrade\r\nSec-WebSocket-Protocol: chat\r\n"+
		"Sec-WebSocket-Accept: %s\r\n\r\n", base64.StdEncoding.EncodeToString(accept[:]))
	newest, news := f.join()
	defer f.leave(news)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		io.Copy(io.Discard, socket)
	}()
	for {
		// A text message of less than 126 bytes (RFC 6455, section 5.2).
		frame := append([]byte{0x81, byte(len(newest.json))}, newest.json...)
		if _, err := socket.Write(frame); err != nil {
			return
		}
		select {
		case newest = <-news:
		case <-gone:
			return
		}
	}
}

func main() {
	// One core, as for the others.
	runtime.GOMAXPROCS(1)
	every, err := time.ParseDuration(os.Args[2]) // --every 100ms
	if err != nil {
		panic(err)
	}
	f := &feed{news: map[chan sample]struct{}{}, every: every}
	f.publish()
	go f.run()
	http.HandleFunc("/short-polling", f.shortPolling)
	http.HandleFunc("/long-polling", f.longPolling)
	http.HandleFunc("/stream", f.stream("text/plain", func(s sample) string {
		return s.json + "\n"
	}))
	http.HandleFunc("/api/v1/live-data", f.stream("text/event-stream", func(s sample) string {
		return "id: " + s.id + "\ndata: " + s.json + "\n\n"
	}))
	http.HandleFunc("/chat", f.chat)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("http://localhost:%d/\n", listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, nil))
}
