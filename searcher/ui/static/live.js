// Refreshes the page when the server announces a new status version. Only one of a browser's visible
// windows holds the event stream, since browsers limit the connections to a server to six.
const CHANNEL = `twinlens ${new URL(".", document.baseURI).pathname}`;
const MAX_PAUSE_MS = 10_000;
const LOCK_MS = 300; // by then a window has the lock that is free
const SILENT_MS = 60_000; // without the heartbeat, which comes every 25 s: the connection is lost
const ANSWER_MS = 10_000;
const POLL_INTERVAL_MS = 20_000; // of windows without a stream, when the server has no free one

const channel = new BroadcastChannel(CHANNEL);
let leave = () => {}; // releases this window's stream, or cancels its wait for one
let waiting = false;
let following = false; // this window holds the stream, or polls in its place

const address = (name) => new URL(`twinlens/${name}`, document.baseURI);
const displayedVersion = () => element.querySelector("[data-version]")?.dataset.version;
// `AWAY` stands for the version of a server that does not answer; jobs.css then shows a line.
const AWAY = "away";
const receive = (version) => {
  document.body.toggleAttribute("data-offline", version === AWAY);
  if (![AWAY, null, displayedVersion()].includes(version)) trigger("click");
};
channel.addEventListener("message", ({ data }) => receive(data));

const poll = async () => {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const answer = await fetch(address("version"), { signal }).catch(() => null); // cached by ETag
  // A proxy says with 502 to 504 that it can't reach the server.
  const version = answer?.ok ? await answer.text() : answer?.status < 500 ? null : AWAY;
  receive(version);
  return version;
};

// Until `signal` aborts: hold a stream, or poll where the server has none free.
const follow = (signal) =>
  new Promise((resolve) => {
    let stream, timer;
    following = true;
    let pause = 1000;
    const again = (milliseconds) => {
      timer = setTimeout(open, milliseconds * (1 + Math.random() / 2));
    };
    const open = () => {
      stream = new EventSource(address("events"));
      stream.onmessage = ({ data }) => {
        pause = 1000;
        clearTimeout(timer);
        timer = setTimeout(stream.onerror, SILENT_MS);
        receive(data);
        channel.postMessage(data);
      };
      stream.onerror = async () => {
        clearTimeout(timer);
        const refused = stream.readyState === EventSource.CLOSED;
        stream.close();
        const version = await poll();
        if (signal.aborted) return;
        if (version) channel.postMessage(version);
        again(refused && version !== AWAY ? POLL_INTERVAL_MS : pause);
        pause = Math.min(2 * pause, MAX_PAUSE_MS);
      };
    };
    const reopen = () => {
      clearTimeout(timer);
      stream?.close();
      open();
    };
    for (const kind of ["online", "offline"]) addEventListener(kind, reopen, { signal });
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      stream?.close();
      following = false;
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
  // The Web Locks API exists over https and on localhost only.
  if (!navigator.locks) {
    follow(signal);
    return;
  }
  navigator.locks.request(CHANNEL, { signal }, () => follow(signal)).catch(() => {});
};

const updateStream = () => {
  if (document.hidden) leave();
  else {
    join();
    // The stream begins with the current version; another window may hold it already.
    setTimeout(() => {
      if (!following && !document.hidden) poll();
    }, LOCK_MS);
  }
};

document.addEventListener("visibilitychange", updateStream);
updateStream();
