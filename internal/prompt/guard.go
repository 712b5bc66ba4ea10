package prompt

import (
	"strconv"
	"text/template"
	"text/template/parse"
)

// guard has a template refuse, while it is filled, every value that it would print
// and that has no form as text: what an interface will hold no check of types can
// know.
func guard(t *template.Template) {
	t.Funcs(template.FuncMap{"_text": asText}) // behind parsing, so that no file can name it
	for _, each := range t.Templates() {
		if each.Tree != nil {
			guardList(each.Root)
		}
	}
}

func guardList(l *parse.ListNode) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			guardPipe(n.Pipe, len(n.Pipe.Decl) == 0)
		case *parse.TemplateNode:
			guardPipe(n.Pipe, false)
		case *parse.IfNode:
			guardBranch(&n.BranchNode)
		case *parse.WithNode:
			guardBranch(&n.BranchNode)
		case *parse.RangeNode:
			guardBranch(&n.BranchNode)
		}
	}
}

func guardBranch(b *parse.BranchNode) {
	guardPipe(b.Pipe, false)
	guardList(b.List)
	guardList(b.ElseList)
}

// guardPipe guards what functions in a pipeline print, and its own value if that is
// printed.
func guardPipe(p *parse.PipeNode, printed bool) {
	if p == nil {
		return
	}
	var cmds []*parse.CommandNode
	whole := value(p, len(p.Cmds))
	for i, cmd := range p.Cmds {
		prints := isPrinting(cmd)
		if prints && i > 0 {
			cmds = append(cmds, toText(value(p, i), p.Pos))
		}
		for j, arg := range cmd.Args {
			if inner, ok := arg.(*parse.PipeNode); ok {
				guardPipe(inner, false)
			}
			if prints && j > 0 && !isLiteral(arg) {
				cmd.Args[j] = &parse.PipeNode{NodeType: parse.NodePipe, Pos: arg.Position(), Cmds: []*parse.CommandNode{
					{NodeType: parse.NodeCommand, Pos: arg.Position(), Args: []parse.Node{arg}},
					toText(bare(arg), arg.Position()),
				}}
			}
		}
		cmds = append(cmds, cmd)
	}
	if printed {
		cmds = append(cmds, toText(whole, p.Pos))
	}
	p.Cmds = cmds
}

// toText is the command that asText does.
func toText(expr string, at parse.Pos) *parse.CommandNode {
	return &parse.CommandNode{NodeType: parse.NodeCommand, Pos: at, Args: []parse.Node{
		parse.NewIdentifier("_text").SetPos(at),
		&parse.StringNode{NodeType: parse.NodeString, Pos: at, Quoted: strconv.Quote(expr), Text: expr},
	}}
}

// isPrinting reports whether a command calls a function that makes text of what it
// gets.
func isPrinting(cmd *parse.CommandNode) bool {
	id, ok := cmd.Args[0].(*parse.IdentifierNode)
	return ok && printing[id.Ident]
}

func isLiteral(n parse.Node) bool {
	switch n.(type) {
	case *parse.StringNode, *parse.NumberNode, *parse.BoolNode:
		return true
	}
	return false
}

// value is how a pipeline's value is written behind its first n commands.
func value(p *parse.PipeNode, n int) string {
	part := *p
	part.Decl, part.Cmds = nil, p.Cmds[:n]
	return part.String()
}

// bare is how a node is written outside of parentheses.
func bare(n parse.Node) string {
	if p, ok := n.(*parse.PipeNode); ok {
		return value(p, len(p.Cmds))
	}
	return n.String()
}
