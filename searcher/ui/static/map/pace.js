// How many dots are drawn while a map moves: as many as come on time, 60 times a second, also without a
// graphics card.
const FRAME_MS = 1000 / 60;
const LATE = 1.04; // times a frame's milliseconds, from which frames are late on average
const FRAMES = 6; // that are averaged
const LONGEST_MS = 50; // that a frame counts at most: one that waited for something else says little
const AIM = 0.7; // of the dots that would be on time if a frame's time went by them alone
const LEAST = 2000; // dots
const FIRST = 16_000; // dots, on a machine that is not known yet
const MOST_TRIES = 16;

// { most, frame, restart, rest }: the dots that may be drawn; what to call with each frame's milliseconds
// and the dots in it, after a change of the dots, and when the map rests, with all its dots.
export const createPace = () => {
  const pace = { most: FIRST };
  let [frames, total] = [0, 0];
  let [isLate, isOnTime, hasGrown] = [false, false, false]; // since the map rested
  let [tries, needed] = [0, 1]; // movements on time, after which more dots are tried
  pace.restart = () => {
    [frames, total] = [0, 0];
  };
  pace.frame = (ms, dots) => {
    frames += 1;
    total += Math.min(ms, LONGEST_MS);
    if (frames < FRAMES) return;
    const mean = total / frames;
    isOnTime = mean < LATE * FRAME_MS;
    pace.restart();
    if (isOnTime || dots <= LEAST) return;
    isLate = true;
    pace.most = Math.max(LEAST, Math.floor((AIM * dots * FRAME_MS) / mean));
  };
  pace.rest = (dots) => {
    if (isLate) [tries, needed] = [0, hasGrown ? Math.min(2 * needed, MOST_TRIES) : needed];
    else if (isOnTime) tries += 1;
    hasGrown = tries >= needed && pace.most < dots;
    if (hasGrown) [tries, pace.most] = [0, 2 * pace.most];
    [isLate, isOnTime] = [false, false];
    pace.restart();
  };
  return pace;
};
