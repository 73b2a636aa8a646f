package meetings

import (
	"github.com/rcp-care/rcp/internal/id"
)

// Assignment says as whose answer a mail in review is taken.
type Assignment struct {
	Professional id.Professional // required
	Meeting      id.Meeting      // empty: the one the mail names
	Answer       Answer          // empty: the one the mail says
}

// ReplyPlan is what a mail changes, worked out before it is saved.
type ReplyPlan struct {
	Mail      Inbound
	Series    []SeriesReply
	Dates     []Attendance // Version 0: added to the meeting
	Proposals []Proposal
}

// SeriesReply is an answer to every date of a series, those answered on their
// own aside, with the one that stood.
type SeriesReply struct {
	New, Old SeriesAnswer // Old zero: none
}
