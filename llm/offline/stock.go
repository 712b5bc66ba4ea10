package offline

// The stock of the prose. All of it is only read. In a template %t stands for
// the topic, %k and %q for two words of the prompt, %n for a thing, %a for an
// adjective, %v for a verb, %s and %p for people and %d for an adverb. A capital T,
// K or Q stands where a verb in the singular follows. Nothing here may read as
// an instruction or an amount, since answers become prompts.
var (
	templates = []string{
		"A good way into %t is a %a %n that anyone can follow.",
		"Most %s meet %k through a single %n and only later see the rest.",
		"The %a part of %k is easy to miss on a first reading.",
		"When %s talk about %k, they often mean the %n behind it.",
		"It helps to look at %k as one looks at a %n.",
		"A %a %n says more about %k than a long argument.",
		"There is a %a link between %k and %q, and it repays attention.",
		"Over time, %k and %q tend to %v together.",
		"Some %s start with %k, while others come to it by way of %q.",
		"A closer look at %q changes how %K appears.",
		"This passage stands in for a fuller treatment of %k.",
		"A writer with real knowledge of %t would add a %a %n at this place.",
		"These lines mark the space where an account of %k belongs.",
		"Take %k with all the %a %s and loose ends around it.",
		"It is %a work, and %K rewards it %d.",
		"Many %s find that %K begins to %v once the pressure is gone.",
		"If %K is the %n, then %Q is what holds it in place.",
		"Little about %t is settled, and the %n stays %a.",
		"Behind %k stands a %a %n that few people mention.",
		"Seen from a distance, %T is a %n with many doors.",
		"Seen from nearby, %K turns out to be a %a %n.",
		"The %a %n is the one that lets %s return to %k tomorrow.",
		"Where %K ends and %Q begins is a matter of taste.",
		"A %n built around %k will %v even on a bad day.",
		"Good %s treat %k %d and leave room for doubt.",
		"In practice, %K asks for a %a %n and some patience.",
		"No %n explains all of %t, but a %a one explains enough.",
		"Experienced %s return to %q whenever %K gets difficult.",
		"The story of %k is partly a story about %q.",
		"By the second attempt, %K feels %a and almost natural.",
		"That is why %s speak of %k %d and without hurry.",
		"On the subject of %t, %s rarely agree at once.",
		"With %t in mind, even a %a %n takes on a new meaning.",
		"Both %s and %p gain when %K is kept %a.",
		"Left alone, %k will %v when the %n is right.",
		"Beside %k, the matter of %q is easily forgotten.",
		"What %s call progress in %k is mostly a %a %n repeated.",
		"The best %n for %k is the one already at hand.",
		"Only a %a view of %k leaves space for %q.",
		"From there it is a short walk to %q.",
		"Something %a happens when %s share a %n about %k.",
		"Not every %n belongs to %k, and not every doubt is about %q.",
		"Ask %s about %k, and they will describe a %n.",
		"It would be a pity to discuss %t and leave out %q.",
		"The %n is %a, the reason for it less so.",
		"A text about %t can hardly avoid %k.",
		"Here a longer text would follow %k into its details.",
		"Even the most %a %s forget %k from time to time.",
		"To see %k clearly, step back from %q for a while.",
		"The same %n serves %k in a %a season and in a hard one.",
	}

	slots = map[byte][]string{
		'n': {
			"step", "question", "habit", "picture", "choice", "reason", "detail", "story", "pattern", "lesson", "tool",
			"map", "corner", "sketch", "signal", "promise", "path", "thread", "bridge", "garden", "window", "letter",
			"rhythm", "conversation", "beginning", "memory", "view", "trial",
		},
		'a': {
			"small", "plain", "careful", "patient", "quiet", "clear", "steady", "useful", "modest", "simple", "gentle",
			"practical", "bright", "curious", "familiar", "lasting", "measured", "friendly", "sturdy", "fresh",
			"sensible", "thoughtful", "warm", "light",
		},
		'v': {
			"begin", "grow", "settle", "change", "last", "hold", "wander", "improve", "continue", "ripen", "return",
			"unfold", "recover", "prosper",
		},
		's': {
			"readers", "neighbours", "makers", "teams", "friends", "planners", "teachers", "visitors", "students",
			"colleagues", "builders", "newcomers", "listeners", "gardeners", "travellers",
		},
		'p': {"beginners", "experts", "guests", "partners", "observers", "children", "old hands", "strangers"},
		'd': {
			"slowly", "quietly", "patiently", "gladly", "carefully", "in plain sight", "bit by bit", "day by day",
			"over the years", "without fuss", "in small ways", "with some care",
		},
	}

	// frames make one thing of many.
	frames = []string{"the idea of ", "the matter of ", "the practice of ", "the subject of ", "the question of "}

	// company joins the words of a prompt that has few.
	company = []string{"patience", "practice", "attention", "experience", "routine", "curiosity", "daily life", "good timing"}

	// closers[n] are sentences of exactly n words.
	closers = [][]string{
		1: {"Enough.", "Onward.", "Indeed."},
		2: {"That helps.", "It fits.", "Time tells."},
		3: {"That is enough.", "The rest follows.", "It can wait."},
		4: {"The rest comes later.", "That much seems certain.", "Patience does the rest."},
		5: {"The rest is quiet practice.", "Much of it stays open.", "A calm start helps everyone."},
		6: {"The rest is a quiet matter.", "So the circle closes for now.", "Some of it remains pleasantly open."},
		7: {"The rest is a matter of practice.", "With that, the way ahead is clear.", "Much of this will settle with time."},
		8: {"From here on the work explains itself well.", "In the end, a calm start helps everyone.", "What is left over can wait until tomorrow."},
	}

	// names are short names; %k is a word of the prompt with a capital.
	names = []string{
		"The Point of %k", "First Steps", "A Closer Look", "Common Mistakes", "Into %k", "Small Wins",
		"The Case for %k", "Lessons From Practice", "What Comes Next", "A Day With %k", "Quiet Habits", "Open Questions",
		"The Other Side of %k", "Useful Tools", "Signs of Progress", "Getting Started", "The Bigger Picture",
		"Living With %k", "Hidden Costs", "Good Company", "Room to Grow", "Thinking About %k", "Steady Rhythm",
		"Plain Examples", "Beyond %k", "Looking Back", "A Fresh Start", "Patience and %k", "Everyday Practice",
		"The Long View",
	}

	titles = []string{
		"%t: A Closer Look", "Notes on %t", "%t, Step by Step", "A Plain Guide to %t", "Thinking About %t",
		"%t in Everyday Life", "Understanding %t", "The Quiet Side of %t",
	}
)

// common words say nothing about a subject, and verbs ask for something.
var (
	common = setOf("about above after again against also although always among another answer because been " +
		"before being below best better both cannot could does doing done down during each either else even ever every " +
		"find first five following four from full good great given goes half have having heading headings here home " +
		"into itself just know last less like little long look made many markdown matter maybe mean might more most " +
		"much must never next none note number often once only other others over part people perhaps please point quite " +
		"rather really same section sentence seven shall short should since some someone something still such sure tell " +
		"text than that their them then there these they thing this those three through title topic under until upon " +
		"user very want well were what when where whether which while whole whom whose will with within without word " +
		"work would year your yourself conclusion json schema format output style audience reader between length limit " +
		"least target exactly the and but for nor yet are was has had did can may its his her our you she who how why " +
		"all any out off not one two six ten too now get got let put set see say way own per via new old few")
	verbs = setOf("write use keep aim make give return produce create plan draft revise rewrite propose list include " +
		"contain need fill generate compose prepare pick suggest name choose split add sum ask divide allow take say " +
		"summarise summarize explain describe answer review judge make")
)
