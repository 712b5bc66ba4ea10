package cli

// otherWords are what other programs call our commands, the likeliest first.
var otherWords = map[string][]string{
	"list": {"runs"}, "ls": {"runs"}, "ps": {"runs"}, "history": {"runs"}, "jobs": {"runs"},
	"start": {"run"}, "exec": {"run"}, "submit": {"run"}, "init": {"new"}, "create": {"new"}, "scaffold": {"new"}, "generate": {"new"},
	"stop": {"pause"}, "suspend": {"pause"}, "interrupt": {"pause"},
	"kill": {"cancel"}, "abort": {"cancel"}, "end": {"cancel"}, "terminate": {"cancel"},
	"rm": {"rm", "cancel"}, "delete": {"rm", "cancel"}, "remove": {"rm", "cancel"}, "del": {"rm", "cancel"}, "prune": {"rm"},
	"retry": {"retry", "resume"}, "rerun": {"resume"}, "restart": {"resume"}, "go": {"continue"}, "next": {"continue"},
	"status": {"show"}, "info": {"show"}, "inspect": {"show"}, "view": {"show"},
	"compare": {"diff"}, "cmp": {"diff"}, "output": {"result"}, "cat": {"result"}, "print": {"result"}, "get": {"result"},
	"tail": {"logs"}, "follow": {"watch"}, "attach": {"watch"}, "events": {"logs"},
	"pending": {"inbox"}, "todo": {"inbox"}, "accept": {"approve"}, "yes": {"approve"}, "deny": {"reject"}, "no": {"reject"}, "reply": {"answer"},
	"check": {"doctor"}, "health": {"doctor"}, "dump": {"backup"}, "export": {"backup"}, "workers": {"worker"}, "serve": {"worker"}, "budget": {"raise"},
}
