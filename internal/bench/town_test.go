package bench

// townRows fill a town, in SQL that both databases read. Each patient has an
// active plan with an expectation, three objectives and two actions, an event
// long ago and a discussion in an earlier meeting. The first DUE patients
// are the first team's and have one reason each: a review, an objective or an
// action. Of the others, spread over all teams, none is due.
var townRows = []string{
	`CREATE TEMPORARY TABLE town AS
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < STORED),
			t AS (SELECT id, ROW_NUMBER() OVER (ORDER BY CASE WHEN id = 'FIRST' THEN 0 ELSE 1 END, name) - 1 AS k FROM team)
		SELECT n.i AS i, t.id AS team FROM n JOIN t ON t.k = CASE WHEN n.i <= DUE THEN 0 ELSE n.i % TEAMS END`,

	`INSERT INTO patient (id, org, ipp, birth_family, birth_given, birth_names, used_family, used_given, sex, birth_date,
			birth_place, ins, ins_oid, ins_key_valid, identity, deceased, sharing, informed, language, search, version, created, updated)
		SELECT 'patient-' || i, 'ORG', 'I' || i, 'ESSAI' || i, 'Claude', '', '', '', 'female', '1940-01-02', '', '', '', false,
			'PROV', false, 'agreed', true, 'fr', ' essai' || i || ' claude', 1, CAST($1 AS timestamptz), CAST($1 AS timestamptz) FROM town`,
	`INSERT INTO patient_identifier (org, system, value, patient) SELECT 'ORG', 'urn:ipp', 'I' || i, 'patient-' || i FROM town`,

	`INSERT INTO plan (id, org, patient, team, title, description, category, status, start_day, referent_name,
			review_interval, last_review, next_review, event_day, version, created, updated)
		SELECT 'plan-' || i, 'ORG', 'patient-' || i, team, 'Vivre chez soi', '', '', 'active', '2026-01-01', '', 90, '2026-10-22',
			CASE WHEN i <= DUE AND i % 4 < 2 THEN '2026-11-20' ELSE '2027-0' || (2 + i % 7) || '-1' || (i % 9) END,
			'2026-0' || (1 + i % 8) || '-10', 1, CAST($1 AS timestamptz), CAST($1 AS timestamptz) FROM town`,
	`INSERT INTO expectation (id, plan, text, origin, noted_by) SELECT 'expectation-' || i, 'plan-' || i, 'Rester chez moi.', 'patient', '' FROM town`,

	`INSERT INTO objective (id, org, plan, patient, team, title, description, domain, expected, due, owner_name, lifecycle,
			achievement, patient_view, strategy, position, version, created, updated)
		SELECT 'objective-' || i || '-' || k.k, 'ORG', 'plan-' || i, 'patient-' || i, team, 'Marcher chaque jour', '', '', '300 m',
			CASE WHEN i <= DUE AND i % 4 = 2 AND k.k = 1 THEN '2026-11-12' ELSE '2027-0' || (3 + i % 6) || '-1' || (i % 9) END,
			'', 'active', 'in-progress', '', '', k.k, 1, CAST($1 AS timestamptz), CAST($1 AS timestamptz)
		FROM town CROSS JOIN (SELECT 1 AS k UNION ALL SELECT 2 UNION ALL SELECT 3) AS k`,
	`INSERT INTO action (id, org, plan, patient, team, title, description, owner_name, status, outcome, reason, due,
			version, created, updated)
		SELECT 'action-' || i || '-' || k.k, 'ORG', 'plan-' || i, 'patient-' || i, team, 'Bilan de marche', '', '',
			CASE WHEN k.k = 1 THEN 'requested' ELSE 'completed' END, '', '',
			CASE WHEN k.k = 2 THEN '2026-10-01' WHEN i <= DUE AND i % 4 = 3 THEN '2026-11-10' ELSE '2027-0' || (1 + i % 8) || '-1' || (i % 9) END,
			1, CAST($1 AS timestamptz), CAST($1 AS timestamptz)
		FROM town CROSS JOIN (SELECT 1 AS k UNION ALL SELECT 2) AS k`,

	`INSERT INTO patient_event (id, org, patient, kind, on_day, text)
		SELECT 'event-' || i, 'ORG', 'patient-' || i, 'fall', '2026-0' || (1 + i % 8) || '-10', '' FROM town`,
	`INSERT INTO meeting (id, org, team, slot, kind, starts, ends, zone, room, url, status, reason, uid, sequence, cutoff,
			version, created, updated)
		SELECT 'held-' || id, 'ORG', id, '', kind, created, updated, zone, '', '', 'signed', '', 'held-' || id, 0, created, 1, created, updated
		FROM team`,
	`INSERT INTO agenda_item (id, org, team, meeting, patient, plan, position, minutes, status, standard, reasons, question,
			origin, added_by, pinned, defer_why, version, created, updated)
		SELECT 'case-' || i, 'ORG', team, 'held-' || team, 'patient-' || i, 'plan-' || i, 1, 8, 'discussed', false, '[]', '',
			'rule', '', false, '', 1, CAST($1 AS timestamptz), CAST($1 AS timestamptz) FROM town`,
}

// weekRows are what happens elsewhere in a week: an event for one patient in a
// hundred, none of the first team.
var weekRows = []string{
	`INSERT INTO patient_event (id, org, patient, kind, on_day, text)
		SELECT 'recent-' || p.id, p.org, p.patient, 'fall', '2026-11-18', '' FROM plan p
		WHERE p.team <> $1 AND p.patient LIKE '%07'`,
	`UPDATE plan SET event_day = '2026-11-18' WHERE team <> $1 AND patient LIKE '%07'`,
}
