// Keeps the page current: asks for its state when the server says that it is another one. Only one
// of a browser's visible windows holds a stream, since browsers open six connections to a server.
const CHANNEL = `twinlens ${new URL(".", document.baseURI).pathname}`;
const LONGEST_MS = 60_000;
const FULL_MS = 20_000; // between two looks where there is no room for a stream

const channel = new BroadcastChannel(CHANNEL);
let leave = () => {}; // ends this window's turn, or its wait for it
let waiting = false;

const address = (name) => new URL(`twinlens/${name}`, document.baseURI);
const shown = () => element.querySelector("[data-version]")?.dataset.version;
const hear = (version) => {
  if (version && version !== shown()) trigger("click");
};
channel.addEventListener("message", ({ data }) => hear(data));

const look = async () => {
  const answer = await fetch(address("version")).catch(() => null); // the browser keeps the ETag
  const version = answer?.ok ? await answer.text() : null;
  hear(version);
  return version;
};

// Until `signal` aborts: a stream, or where there is none, a look now and then.
const follow = (signal) =>
  new Promise((resolve) => {
    let stream, timer;
    let pause = 1000;
    const again = (milliseconds) => {
      timer = setTimeout(open, milliseconds * (1 + Math.random() / 2));
    };
    const open = () => {
      stream = new EventSource(address("events"));
      stream.onmessage = ({ data }) => {
        pause = 1000;
        hear(data);
        channel.postMessage(data);
      };
      stream.onerror = async () => {
        const refused = stream.readyState === EventSource.CLOSED;
        stream.close();
        const version = refused ? await look() : null;
        if (signal.aborted) return;
        if (version) channel.postMessage(version);
        again(version ? FULL_MS : pause);
        pause = Math.min(2 * pause, LONGEST_MS);
      };
    };
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      stream?.close();
      resolve();
    });
    open();
  });

const join = () => {
  if (waiting) return;
  const turn = new AbortController();
  const { signal } = turn;
  waiting = true;
  leave = () => {
    waiting = false;
    turn.abort();
  };
  // Locks are there over https and on localhost.
  if (!navigator.locks) {
    follow(signal);
    return;
  }
  navigator.locks.request(CHANNEL, { signal }, () => follow(signal)).catch(() => {});
};

const attend = () => {
  if (document.hidden) leave();
  else {
    look(); // another window may hold the stream already
    join();
  }
};

const start = () => {
  document.addEventListener("visibilitychange", attend);
  attend();
};
let started = false;
const once = () => {
  if (!started) start();
  started = true;
};
watch("value", once); // after the first state is there
setTimeout(once, 10_000);
