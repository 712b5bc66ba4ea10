package drawing

import (
	"encoding/xml"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pawlrun/pawl/internal/shape"
)

// fills are the colours of boxes by lane, and strokes of their borders; a lane's box has a form
// of its own besides, for those who do not see them.
var (
	fills   = [3]string{"#eef1f4", "#e6f0fb", "#fdf1dc"}
	strokes = [3]string{"#4a5562", "#1f5fa8", "#8a5a00"}
)

// SVG draws a shape as a picture that needs nothing else. It has no script and no style
// sheet; what it says is escaped, and whole in the titles where it is cut in the picture.
func SVG(s *shape.Shape) string {
	p := Layout(s)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="%d" height="%d" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" font-size="14">`+"\n", p.Width, p.Height, p.Width, p.Height)
	fmt.Fprintf(&b, "<title>Flow %s</title>\n<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n", escape(s.Flow), p.Width, p.Height)
	for i, l := range p.Lanes {
		fmt.Fprintf(&b, `<text x="%d" y="26" text-anchor="middle" font-weight="600" fill="%s">%s</text>`+"\n", l.X+l.W/2, strokes[i], l.Name)
		if i > 0 {
			fmt.Fprintf(&b, `<path d="M%d %dV%d" stroke="#d5dae0" stroke-dasharray="2 4"/>`+"\n", l.X, head, p.Height)
		}
	}
	for _, f := range p.Frames {
		svgFrame(&b, f)
	}
	for _, l := range p.Links {
		svgLink(&b, l)
	}
	for _, x := range p.Boxes {
		svgBox(&b, x)
	}
	return b.String() + "</svg>\n"
}

func svgFrame(b *strings.Builder, f Frame) {
	fmt.Fprintf(b, `<g><title>%s</title><rect x="%d" y="%d" width="%d" height="%d" rx="6" fill="none" stroke="#8b95a1"/>`, escape(f.Label), f.X, f.Y, f.W, f.H)
	mark := Mark(f.Node)
	svgText(b, f.X+10, f.Y+16, f.W-20-9*utf8.RuneCountInString(mark), f.Label)
	if mark != "" {
		fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="end" font-size="12" fill="#20262d">%s</text>`, f.X+f.W-10, f.Y+16, escape(mark))
	}
	for _, d := range f.Divides {
		fmt.Fprintf(b, `<path d="M%d %dH%d" stroke="#8b95a1" stroke-dasharray="6 4"/>`, f.X, d.Y, f.X+f.W)
		svgText(b, f.X+10, d.Y+16, f.W-20, d.Label)
	}
	b.WriteString("</g>\n")
}

// svgText writes the title of a frame or case, cut to a width.
func svgText(b *strings.Builder, x, y, width int, text string) {
	fmt.Fprintf(b, `<text x="%d" y="%d" font-family="ui-monospace, monospace" font-size="12" fill="#3b444e">%s</text>`, x, y, escape(cut(text, width*10/73)))
}

func svgLink(b *strings.Builder, l Link) {
	d := fmt.Sprintf("M%d %dV%d", l.X1, l.Y1, l.Y2-1)
	if l.X1 != l.X2 {
		d = fmt.Sprintf("M%d %dV%dH%dV%d", l.X1, l.Y1, (l.Y1+l.Y2)/2, l.X2, l.Y2-1)
	}
	fmt.Fprintf(b, `<path d="%s" fill="none" stroke="#5b6672"/><path d="M%d %dl-4 -6h8z" fill="#5b6672"/>`+"\n", d, l.X2, l.Y2)
}

// svgBox draws a step: a rectangle for code, a pill for a model, a hexagon for a person.
func svgBox(b *strings.Builder, x Box) {
	about := x.Label + " (" + string(Lanes[x.Lane]) + ")"
	for _, more := range []string{x.Node.Purpose, x.Node.Source, x.Mark} {
		if more != "" {
			about += ", " + more
		}
	}
	fmt.Fprintf(b, `<g><title>%s</title>`, escape(about))
	colours := fmt.Sprintf(`fill="%s" stroke="%s"`, fills[x.Lane], strokes[x.Lane])
	switch mid := x.Y + x.H/2; x.Lane {
	case HumanLane:
		fmt.Fprintf(b, `<path d="M%d %dL%d %dH%dL%d %dL%d %dH%dZ" %s/>`, x.X, mid, x.X+14, x.Y, x.X+x.W-14, x.X+x.W, mid, x.X+x.W-14, x.Y+x.H, x.X+14, colours)
	case ModelLane:
		fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" rx="%d" %s/>`, x.X, x.Y, x.W, x.H, x.H/2, colours)
	default:
		fmt.Fprintf(b, `<rect x="%d" y="%d" width="%d" height="%d" rx="3" %s/>`, x.X, x.Y, x.W, x.H, colours)
	}
	text := cut(x.Label, 20-utf8.RuneCountInString(x.Mark))
	if x.Mark != "" {
		text += "  " + x.Mark
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="middle" fill="#14191f">%s</text></g>`+"\n", x.X+x.W/2, x.Y+x.H/2+5, escape(text))
}

// cut shortens a text to the room of so many characters.
func cut(s string, most int) string {
	most = max(most, 4)
	room, fits := 0, 0 // fits: the bytes that leave room for the ellipsis
	for i, r := range s {
		if room += cells(r); room > most {
			return s[:fits] + "…"
		}
		if room < most {
			fits = i + utf8.RuneLen(r)
		}
	}
	return s
}

// cells are how many characters' room one takes: two if it is as wide as it is high.
func cells(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana), r >= 0xff01 && r <= 0xff60, r >= 0x1f000:
		return 2
	}
	return 1
}

// escape makes a text one of XML. What XML cannot hold becomes a replacement character.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(strings.Join(strings.Fields(s), " ")))
	return b.String()
}
