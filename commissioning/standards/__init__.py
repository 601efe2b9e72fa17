"""A round's outcome in the standards that commissioners use: written, checked, read back.

Pure: no Django, no database, no clock. Needs openpyxl and defusedxml to read tables; jsonschema and referencing only for
`official`.

Give it facts, as an `Outcome` (`outcome.py`): the head and a function for each kind of row that reads its rows anew, in
the order of `records.key`. A project's rows stand together, projects by code point (PostgreSQL: COLLATE "C"), rows within
a project by id and version. Few rows, or rows in any order: `outcome.held(package, rows)`. Names are those of 360Giving
1.4 and OCDS 1.1 in snake case (`projectID` is `project_id`); dates are days, moments aware; money is minor units in the
fields marked £.

    Package        identifier title description place place_code place_code_type publisher(id) uri license currency issued
                   ocid_prefix grant_prefix rule ballots voting_closed certified_at result_hash
    Organisation   id name scheme identifier roles organisation_type legal_form ownership_model company_number charity_number
                   street_address locality postal_code url scale vcse public_service_mission_organization sheltered_workshop
    Decision       project_id title description pot pot_title category cost£ votes points rank funded reason url
    Case           project_id id state route commissioner(id) sent_on received_on reply_due replied_on reply reason
                   amount_accepted£ decision_maker decision_date legal_basis decision_reference budget_line linked_strategy
                   equality_impact market_note procurement_owner economic_development_owner learned url date_modified
    Step           project_id id state date_modified says
    Award          project_id id version date_modified amendment route title description status award_date
                   amount_applied_for£ amount_awarded£ amount_gross£ recipient_organization(id) recipient_individual
                   funding_organization(id) funding_department planned_start planned_end planned_months grant_programme_code
                   grant_programme_title from_open_call location_scope regrant_type procurement_method
                   procurement_method_rationale main_procurement_category above_threshold url
    Contract       project_id id award_id version date_modified amendment title description status date_signed period_start
                   period_end period_max_extent review_date value£ value_gross£ above_threshold
                   no_agreed_metrics_rationale url
    Milestone      project_id id award_id contract_id version date_modified amendment title type description due_date
                   date_met status verified_by dispute
    Transaction    project_id id award_id contract_id date_modified date value£ payer(id) payee(id) description spend_line
    Metric         project_id id award_id contract_id title description criterion weight unit_name unit_scheme unit_id
    Observation    project_id id metric_id stage date_modified value£|measure period_start period_end dimensions milestone_id
                   notes evidence
    Location       project_id id name geo_code geo_code_type country_code latitude longitude
    Document       project_id id award_id contract_id milestone_id document_type notice_type title description url format
                   language date_modified

`date_modified` is when a row was recorded, and decides in which OCDS release it stands: it never changes. `issued` is a
fact as well; take the last `date_modified`, never the clock, or nothing is byte-stable. Organisations need the roles that
they are named in: buyer (a case's commissioner), funder, supplier (of a contract), payer, payee.

    package.write_package(folder, outcome, elections) -> manifest     elections: (name.pb, text in pieces)
    package.write_zip(file, folder, name)
    check_records.check_outcome(outcome) -> findings                  before anything is written
    checks.check_package(folder) -> findings                          files, records, 360Giving, OCDS
    official.check_official(folder, schemas) -> findings              the official JSON schemas
    read.unpack(zip, folder, limit=…); read.read_package(folder) -> outcome, elections, manifest
    read.read_records(path, name, limits) -> rows                     a workbook or CSV that people filled in

A `Finding` has a stable code, the file, the row, the id, the field and the value; `findings.SENTENCES` has a sentence for
each code. What cannot be read raises `lines.Malformed`, whose `finding` says where. The folder's files and what each
leaves out: `package.py`; why it is made so: docs/adr/0014.
"""
