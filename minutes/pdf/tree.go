package pdf

import (
	"bytes"
	"strconv"
)

// structure writes the structure tree: the elements, each after the one it is
// in, and for each page the elements that its marked content belongs to.
func (f *file) structure(t *tags, pages []int) int {
	root := f.reserve()
	t.root.object = f.reserve()
	t.root.number(f)
	f.element(t.root, root, pages)
	var b bytes.Buffer
	b.WriteString("<</Nums[")
	for i, owners := range t.pages {
		b.WriteString(strconv.Itoa(i) + "[")
		for _, n := range owners {
			reference(&b, n.object)
		}
		b.WriteString("]")
	}
	b.WriteString("]>>")
	parents := f.reserve()
	f.object(parents, b.Bytes())
	f.object(root, []byte("<</Type/StructTreeRoot/K "+strconv.Itoa(t.root.object)+" 0 R/ParentTree "+
		strconv.Itoa(parents)+" 0 R/ParentTreeNextKey "+strconv.Itoa(len(t.pages))+">>"))
	return root
}

// number gives the elements below n their numbers.
func (n *node) number(f *file) {
	for _, k := range n.kids {
		if k.node != nil {
			k.node.object = f.reserve()
			k.node.number(f)
		}
	}
}

// element writes n and the elements below it. Its page is that of its first
// marked content; what stands on another says so.
func (f *file) element(n *node, parent int, pages []int) {
	var b bytes.Buffer
	b.WriteString("<<" + n.role.dict() + n.more + "/P ")
	reference(&b, parent)
	first := -1
	for _, k := range n.kids {
		if k.node == nil && first < 0 {
			first = k.page
			b.WriteString("/Pg ")
			reference(&b, pages[first])
		}
	}
	b.WriteString("/K[")
	for _, k := range n.kids {
		switch {
		case k.node != nil:
			reference(&b, k.node.object)
		case k.page == first:
			b.WriteString(strconv.Itoa(k.mcid) + " ")
		default:
			b.WriteString("<</Type/MCR/Pg ")
			reference(&b, pages[k.page])
			b.WriteString("/MCID " + strconv.Itoa(k.mcid) + ">>")
		}
	}
	b.WriteString("]>>")
	f.object(n.object, b.Bytes())
	for _, k := range n.kids {
		if k.node != nil {
			f.element(k.node, n.object, pages)
		}
	}
}

// reference writes a reference and what parts it from the next.
func reference(b *bytes.Buffer, object int) {
	b.WriteString(strconv.Itoa(object) + " 0 R ")
}
