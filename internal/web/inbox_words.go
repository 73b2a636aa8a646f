package web

import (
	"github.com/rcp-care/rcp/internal/lang"
	"github.com/rcp-care/rcp/meetings"
)

// advice is why a mail waits and what to do about it, as French source
// sentences.
type advice struct{ why, do string }

// mailReasons are the words of every reason of meetings.Reason.
var mailReasons = map[meetings.Reason]advice{
	meetings.ReasonUnknownMeeting:   {lang.Mark("Aucune réunion ne porte l’identifiant de cette réponse."), lang.Mark("Si elle vise une de vos réunions, choisissez laquelle. Sinon, classez-la.")},
	meetings.ReasonUnknownDate:      {lang.Mark("La date visée n’existe pas dans la série, ou ne se lit pas sûrement."), lang.Mark("Lisez le courriel et choisissez la date.")},
	meetings.ReasonUnknownPerson:    {lang.Mark("Cette adresse n’est celle d’aucun professionnel connu."), lang.Mark("Choisissez la personne. Pour la prochaine fois, ajoutez cette adresse à sa fiche.")},
	meetings.ReasonNotInvited:       {lang.Mark("Cette personne n’est pas invitée à la réunion."), lang.Mark("Traitez sa réponse pour l’ajouter aux invités, ou classez-la.")},
	meetings.ReasonSender:           {lang.Mark("Le courriel vient d’une autre adresse que celle de la personne qui répond."), lang.Mark("Assistant ou imposteur : demandez à la personne avant de traiter.")},
	meetings.ReasonNotAuthenticated: {lang.Mark("Le serveur de messagerie n’a pas pu vérifier l’expéditeur."), lang.Mark("Le nom affiché peut être faux : demandez à la personne avant de traiter.")},
	meetings.ReasonNoAnswer:         {lang.Mark("La réponse ne dit ni oui, ni peut-être, ni non."), lang.Mark("Lisez le courriel et choisissez la réponse.")},
	meetings.ReasonNoSequence:       {lang.Mark("Rien ne dit à quelle version de l’invitation cette réponse se rapporte."), lang.Mark("Si la réunion n’a pas bougé depuis, traitez-la.")},
	meetings.ReasonNoStamp:          {lang.Mark("Rien ne dit de quand date cette réponse."), lang.Mark("Si la personne n’a rien répondu d’autre depuis, traitez-la.")},
	meetings.ReasonNotAnAnswer:      {lang.Mark("C’est une invitation ou une annulation, pas une réponse."), lang.Mark("RCP ne suit que ses propres réunions : lisez-la, puis classez-la.")},
	meetings.ReasonNoTime:           {lang.Mark("Une autre date est demandée, mais elle ne se lit pas."), lang.Mark("Lisez le courriel. Si la date convient, déplacez la réunion vous-même.")},
	meetings.ReasonProposesSeries:   {lang.Mark("Un autre horaire est demandé pour toute la série."), lang.Mark("À décider avec l’équipe : l’horaire se change depuis la série.")},
	meetings.ReasonDelegateUnknown:  {lang.Mark("La personne se fait remplacer par quelqu’un que RCP ne connaît pas."), lang.Mark("Ajoutez le remplaçant à l’équipe, puis notez les deux réponses.")},
	meetings.ReasonNoCalendar:       {lang.Mark("Ce courriel ne contient pas de réponse d’agenda : une question, un avis de non-remise."), lang.Mark("Lisez-le. S’il dit qui vient, choisissez la personne et sa réponse.")},
	meetings.ReasonUnreadableMail:   {lang.Mark("Le courriel est abîmé, ou d’une forme que RCP ne lit pas."), lang.Mark("Lisez-le tel quel. S’il dit qui vient, choisissez la personne et sa réponse.")},
	meetings.ReasonTooLarge:         {lang.Mark("Le courriel est trop gros pour être lu en entier."), lang.Mark("Ouvrez-le dans la messagerie, puis notez la réponse ici.")},
	meetings.ReasonDefect:           {lang.Mark("RCP n’a pas su le lire : la faute est de notre côté."), lang.Mark("Notez la réponse à la main, et signalez ce courriel.")},
	meetings.ReasonStale:            {lang.Mark("Plus ancienne que la réponse déjà notée, ou d’avant un changement de la réunion."), ""},
	meetings.ReasonOver:             {lang.Mark("La date est passée, ou annulée."), ""},
	meetings.ReasonDuplicate:        {lang.Mark("La même réponse avait déjà été lue."), ""},
	meetings.ReasonReport:           {lang.Mark("Un serveur dit ce qu’un envoi est devenu."), ""},
	meetings.ReasonAutoReply:        {lang.Mark("Message d’absence automatique."), ""},
	meetings.ReasonRefresh:          {lang.Mark("Demandait seulement la dernière version de l’invitation."), ""},
	meetings.ReasonDismissed:        {lang.Mark("Classée sans suite."), ""},
}

// reasonWords says why a mail waits or was ignored, and what to do. A reason
// of a newer RCP is said in general.
func reasonWords(l string, reason meetings.Reason) (why, do string) {
	if reason == meetings.ReasonNone {
		return "", ""
	}
	a, ok := mailReasons[reason]
	if !ok {
		a = advice{lang.Mark("RCP n’a pas su classer ce courriel."), lang.Mark("Lisez-le et choisissez ce qu’il faut en faire.")}
	}
	if a.do == "" {
		return lang.T(l, a.why), ""
	}
	return lang.T(l, a.why), lang.T(l, a.do)
}

// mailTabs are the filters of the record, as French source words.
var mailTabs = map[meetings.InboundStatus]string{
	meetings.InboundApplied:  lang.Mark("Appliquées"),
	meetings.InboundProposed: lang.Mark("Autres dates"),
	meetings.InboundHandled:  lang.Mark("Traitées à la main"),
	meetings.InboundIgnored:  lang.Mark("Sans effet"),
	meetings.InboundReview:   lang.Mark("À traiter"),
}

// mailStates are the classes and words of what became of a mail.
var mailStates = map[meetings.InboundStatus]state{
	meetings.InboundApplied:  {"ok", lang.Mark("Appliquée")},
	meetings.InboundProposed: {"run", lang.Mark("Autre date demandée")},
	meetings.InboundHandled:  {"ok", lang.Mark("Traitée à la main")},
	meetings.InboundIgnored:  {"off", lang.Mark("Sans effet")},
	meetings.InboundReview:   {"todo", lang.Mark("À traiter")},
}

func mailState(l string, st meetings.InboundStatus) state {
	s := mailStates[st]
	return state{s.Class, lang.T(l, s.Word)}
}

// answerWord is an answer in a word; empty for what is none.
func answerWord(r *request, a meetings.Answer) string {
	switch a {
	case meetings.Accepted, meetings.Tentative, meetings.Declined:
		return name(answerChoices(r), string(a))
	case meetings.Delegated:
		return r.T("se fait remplacer")
	}
	return ""
}
