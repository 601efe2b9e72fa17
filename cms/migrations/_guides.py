"""The first words of the standing pages, as 0002 puts them on a new site. A council changes them in the CMS."""

from typing import Any

Blocks = list[tuple[str, Any]]


def text(html: str) -> tuple[str, str]:
    return ("text", " ".join(html.split()))


def step(drawing: str, heading: str, words: str) -> dict[str, str]:
    return {"drawing": drawing, "heading": heading, "text": " ".join(words.split())}


def fact(term: str, words: str) -> dict[str, str]:
    return {"term": term, "text": " ".join(words.split())}


HOW_IT_WORKS: Blocks = [
    (
        "steps",
        {
            "steps": [
                step(
                    "hall",
                    "Money is put in a pot",
                    """<p>The council, the health service, a college or a housing association put money together for a
                    place. They say how much there is and what it may be spent on. That is a <b>round</b>. The money is
                    its <b>pot</b>.</p>""",
                ),
                step(
                    "people",
                    "People suggest ideas",
                    """<p>Anyone who lives there can suggest an idea: a crossing, a bench, a club for young people. A
                    few sentences and a picture are enough. Everyone can read the ideas.</p>""",
                ),
                step(
                    "street",
                    "Each idea is checked",
                    """<p>Organisers find out whether an idea can be done and what it costs. An idea that can be done
                    goes on the ballot as a <b>project</b>. If it cannot, the reason is shown to everyone.</p>""",
                ),
                step(
                    "trees",
                    "Everyone votes",
                    """<p>You see all projects and what they cost, and choose the ones you want. You can change your
                    vote until voting closes. What you choose is kept apart from your name. You get a receipt.</p>""",
                ),
                step(
                    "bike",
                    "The votes are counted",
                    """<p>A computer counts by a rule that was fixed before the vote. The result page shows each step,
                    and says for each project in plain words why it won or what it was short of. Anyone can take the
                    figures away and count again.</p>""",
                ),
                step(
                    "play",
                    "The projects are built",
                    """<p>Those who put in the money carry out what won. You can follow what happens here.</p>""",
                ),
            ]
        },
    ),
    text(
        """<h2>Questions people ask</h2>
        <h3>Who can vote?</h3>
        <p>Each round says so on its page. Most rounds are for people who live in the place. You need an e-mail address,
        and you give your postcode once. We keep only which ward it is in.</p>
        <h3>What is Equal Shares?</h3>
        <p>It is the usual counting rule here. Every voter gets the same part of the money. A project is paid for by the
        people who voted for it, each with an equal part as far as their money reaches. So a group that is a third of the
        voters decides about a third of the money. When some money is left at the end, it goes on to further projects.</p>
        <h3>What is “most votes first”?</h3>
        <p>The other counting rule. Projects are taken in the order of their votes as long as the money lasts.</p>
        <h3>Can I vote on paper or by telephone?</h3>
        <p>Please <a href="/contact/">contact us</a>. We will find a way together.</p>
        <h3>How do I know that my vote was counted?</h3>
        <p>After you have voted you see a receipt. It is a long number that belongs to your vote. Keep it: it shows that
        your vote is in the box, and does not tell anyone what you chose.</p>"""
    ),
]

TERMS: Blocks = [
    text(
        """<p>Using this site is free. These few rules keep it useful for everyone.</p>
        <h2>What you may expect from us</h2>
        <ul>
        <li>Each round says who decides, by when, by which rule and with how much money. Once voting has opened, none of
        this changes.</li>
        <li>A project that wins is carried out by those who put in the money. If something stands in the way, they say so
        here.</li>
        <li>Nothing you write is hidden without a reason that everyone can read.</li>
        <li>The site may be closed for a short time for repairs. If that happens during a vote, the organisers can make
        the vote longer.</li>
        </ul>
        <h2>What we ask of you</h2>
        <ul>
        <li>Write what is true and your own. Do not post pictures of people who have not agreed.</li>
        <li>Be kind. No abuse, no hate, no threats, no advertising.</li>
        <li>Do not post private details of anyone: addresses, telephone numbers, health.</li>
        <li>Have one account, and vote once in each round.</li>
        <li>Do not try to break the site or read what is not yours. If you find a weakness, please
        <a href="/contact/">tell us</a> first.</li>
        </ul>
        <h2>What you write</h2>
        <p>Your ideas stay yours. By publishing one you allow everyone to read it, to copy it and to build on it, and the
        organisers to carry it out with or without you. An idea that has been published can be withdrawn. It then stays
        readable, marked as withdrawn, because others may have relied on it.</p>
        <h2>Moderators</h2>
        <p>Anyone can report an idea or a picture. A moderator decides, and gives a reason. You can ask for another
        moderator to look again: <a href="/contact/">contact us</a>.</p>
        <h2>The software</h2>
        <p>This site runs on Good Local, free software under the GNU Affero General Public License 3.0 or later. You may
        read it, use it and improve it.</p>"""
    ),
]

CONTACT: Blocks = [
    text(
        """<p>Do you have a question about a round, need help with voting, or have you found something that does not
        work? Write to us, and we will answer within three working days.</p>
        <h2>Ways to reach us</h2>
        <p>The organisers of each place also answer at the council's front desk and by telephone. If you need this site
        in another form, such as large print, easy read, a language other than English, or British Sign Language, tell us
        what you need and for which round.</p>"""
    ),
]
