// What Gradio's page would have in the console of a browser though nothing is wrong.

// The stream of an upload's progress ends by itself; Gradio's client warns that it can't close it.
const warn = console.warn;
console.warn = (...texts) => {
  if (texts[0] !== "Method not implemented.") warn.apply(console, texts);
};

// The description of the API asks for the figures of a dashboard and for the tools of MCP, to learn
// whether there are any; the app has no such dashboard.
const ABSENT = window.gradio_config?.mcp_server
  ? /\/monitoring\/summary$/
  : /\/monitoring\/summary$|\/gradio_api\/mcp\/schema$/;
const request = window.fetch;
window.fetch = (address, ...rest) =>
  ABSENT.test(String(address))
    ? Promise.resolve(new Response(null, { status: 404 }))
    : request.call(window, address, ...rest);
