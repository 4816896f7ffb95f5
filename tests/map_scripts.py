"""Scripts for the browser: what lies on a map, and its modules called with numbers."""

# The share of the pixels that have a colour, of a copy in which none is lost by drawing again.
PAINTED = """canvas => {
    const copy = document.createElement("canvas");
    Object.assign(copy, {width: canvas.width, height: canvas.height});
    const pen = copy.getContext("2d");
    pen.drawImage(canvas, 0, 0);
    const {data} = pen.getImageData(0, 0, copy.width, copy.height);
    let count = 0;
    for (let i = 3; i < data.length; i += 4) count += data[i] > 0;
    return count / data.length * 4;
}"""
LOAD = """name => {
    const code = document.querySelector("#map-result [data-code]").dataset.code;
    return import(new URL(name, new URL(code, document.baseURI)));
}"""
# 9,000 dots, of which frames take long, as without a graphics card; how many lie on the map.
MOVING = """async () => {
    const { openRenderer } = await (LOAD)("plot.js");
    const { wholeView } = await (LOAD)("view.js");
    const view = Object.assign(wholeView(), { width: 400, height: 400 });
    const xs = Array.from({ length: 9000 }, (_, at) => 0.02 + (0.96 * (at % 90)) / 90);
    const ys = xs.map((_, at) => 0.02 + (0.96 * Math.floor(at / 90)) / 100);
    const canvas = document.body.appendChild(document.createElement("canvas"));
    const renderer = openRenderer();
    renderer.resize(400, 400);
    const plot = renderer.plot(canvas, view);
    const colouring = { values: xs.map(() => 0), colours: ["#ff0000"], dim: -1 };
    await plot.show({ xs, ys }, colouring, "#000000");
    const wait = (ms) => new Promise((done) => setTimeout(done, ms));
    const next = window.requestAnimationFrame;
    const shares = [];
    for (const isMoving of [false, true, true, false]) {
        window.requestAnimationFrame = (call) => setTimeout(() => next(call), isMoving ? 60 : 0);
        view.scale += 0.001;
        plot.look(isMoving);
        await wait(600);
        await plot.drawn();
        await wait(200);
        shares.push((PAINTED)(canvas));
    }
    window.requestAnimationFrame = next;
    plot.close();
    renderer.close();
    canvas.remove();
    return shares;
}""".replace("PAINTED", PAINTED).replace("LOAD", LOAD)
# The dots that may move after each movement, given the milliseconds of its frames.
PACE = """async (movements) => {
    const { createPace } = await (LOAD)("pace.js");
    const pace = createPace();
    return movements.map((ms) => {
        for (let at = 0; at < 6; at++) pace.frame(ms, Math.min(pace.most, 50_000));
        pace.rest(50_000);
        return pace.most;
    });
}""".replace("LOAD", LOAD)
NAMES = """async () => {
    const { namesOf } = await (LOAD)("names.js");
    const [xs, ys, label] = [[], [], []];
    const cluster = (x, y, count, name) => {
        for (let at = 0; at < count; at++) {
            xs.push(x + 0.002 * (at % 6));
            ys.push(y + 0.002 * Math.floor(at / 6));
            label.push(name);
        }
    };
    cluster(0.2, 0.2, 50, 0);
    cluster(0.8, 0.8, 40, 0);
    cluster(0.2, 0.8, 60, 1);
    cluster(0.2, 0.8, 12, 2);  // 1 prevails
    for (let at = 0; at < 30; at++) {
        cluster(0.3 + 0.013 * at, 0.1 + (0.7 * ((at * 7) % 30)) / 30, 1, 3);
    }
    cluster(0.5, 0.9, 20, 4);  // without a label
    const view = { x: 0.5, y: 0.5, scale: 1, width: 600, height: 600 };
    const data = { label, labels: ["a", "b", "c", "d", ""] };
    const found = namesOf(view, { xs, ys }, data, [...xs.keys()]);
    return found.map(({ text, x, y }) => `${text} ${x.toFixed(1)} ${y.toFixed(1)}`);
}""".replace("LOAD", LOAD)
