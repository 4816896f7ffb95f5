"""Ordinary phrases, as people type them to find pictures: the random texts of the percentiles."""

_TEXT = """
a dog; two dogs; a black cat asleep; a horse in a field; birds on a wire; a fish under water;
cows on a hill; an elephant; a spider in its web; a butterfly on a flower; sheep and a shepherd;
a lion resting; a rabbit in the grass; bees; a swan on a lake; a monkey in a tree; a goat on a
rock; ducks; a snail; a whale jumping; a man with a hat; a child laughing; an old woman; a crowd
of people; a couple dancing; a baby asleep; a team of players; someone reading a book; a girl on
a swing; a runner; a cook in a kitchen; a fisherman; a musician with a guitar; a doctor; a
farmer; hands holding something; a face in profile; a group portrait; a swimmer; people waiting;
a mountain; snow; a beach at sunset; a forest in autumn; a river between rocks; a waterfall; the
desert; a field of flowers; clouds; a rainbow; the night sky; lightning; fog over a valley; an
island from above; waves; a cave; a volcano; ice on a lake; a path through the woods; stars; a
house; a bridge; a tall building; a church; a castle on a hill; a street at night; an old door;
a window with curtains; stairs; a lighthouse; a market; a tower with a clock; ruins; a garden
wall; a roof; a factory; a railway station; a skyline; an empty room; a library; a car; a red
bus; a bicycle leaning on a wall; an aeroplane; a sailing boat; a train in the snow; a
motorbike; a truck on a road; a tram; a ship in a harbour; a hot-air balloon; a tractor; a
parking lot; a traffic light; wheels; a canoe; a helicopter; a rusty car; a ferry; a taxi in the
rain; an apple; bread on a table; a cup of coffee; a cake with candles; a bowl of soup; fresh
vegetables; a glass of wine; cheese; breakfast; a plate of pasta; oranges in a basket; ice
cream; rice; a barbecue; chocolate; a pot on the stove; eggs; a fruit stall; tea; pizza; a
chair; an empty table; a lamp; a mirror; a bed; a sofa; a shelf of books; a clock; a vase; keys;
a pair of shoes; an umbrella; a camera; a telephone; a computer; scissors; a bottle; a box; toys
on the floor; a candle; something red; something round; a green background; black and white;
blue and yellow stripes; a pattern of squares; bright colours; shadows; reflections in water;
soft light; rough texture; a close-up; seen from above; very dark; a silhouette; blurred motion;
rows of things; symmetry; a spiral; dots; wood; metal; glass; stone; cloth; paper; football; a
chess game; skiing; a wedding; a birthday party; a concert; dancing; a parade; fireworks;
climbing; surfing; a classroom; shopping; a picnic; camping; gardening; a race; painting;
playing cards; a meeting; a map; a sign with letters; a newspaper; a drawing; a painting of a
landscape; a statue; a flag; a logo; a diagram; handwriting; a stamp; a coin; a screenshot; a
poster; a toy train; an old photograph; winter; spring; a rainy day; a sunny afternoon; early
morning; the moon; fire; smoke; water; sand; leaves; roots; a flower pot; a cactus; mushrooms; a
palm tree; moss; a nest; feathers; a shell
"""
PHRASES = tuple(" ".join(_TEXT.split()).split("; "))
