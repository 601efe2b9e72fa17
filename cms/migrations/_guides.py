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
        <p>After you have voted you get a receipt: a long code that belongs to your ballot. Keep it, and keep it to yourself.
        On the page of the ballot box you can see with it that your ballot is in the box and counts.
        <a href="/how-your-vote-is-counted/">How your vote is counted</a></p>"""
    ),
]

HOW_COUNTED: Blocks = [
    (
        "steps",
        {
            "steps": [
                step(
                    "choose",
                    "You choose",
                    """<p>The page of each round says how its ballot works: you choose some projects, or as many as the
                    money lasts for, or you share out points, or put projects in order. Everyone sees the projects in
                    another order, drawn by lot, so that none gains by standing at the top.</p>""",
                ),
                step(
                    "box",
                    "Your ballot goes into a sealed box, under a code",
                    """<p>What you chose is kept apart from your name. On the list of voters it only says that you have
                    voted. Your ballot gets a random number, and a code of 64 letters and digits is worked out from
                    both. The code is your <b>receipt</b>. Print it or keep it as a file.</p>""",
                ),
                step(
                    "codes",
                    "The codes go on a public board",
                    """<p>From time to time twenty or more ballots are sealed together, and their codes go on the
                    <b>board</b>, where everyone can see them. A code does not tell what was chosen. Each line of the
                    board holds a fingerprint of the line before it, like the links of a chain: nobody can take out or
                    change a line without it showing.</p>""",
                ),
                step(
                    "count",
                    "The box is closed, and the ballots are counted",
                    """<p>Nothing goes in after the close, and nobody has seen before how the votes stand. A computer
                    counts by a rule that was fixed before the vote. The result page shows each step of the count and
                    says for each project why it won or what it was short of. Under “How your vote is counted” each round
                    has a small example that you can follow with a pencil.</p>""",
                ),
                step(
                    "certify",
                    "Two people, and time to object",
                    """<p>First the result is provisional. In most rounds everyone has some days to say that something is
                    wrong. Then an organiser certifies it who is not the one who published it. Whoever was not allowed to
                    vote can be struck off, with a public reason and only if two organisers agree. Neither of them can
                    see what the ballot holds.</p>""",
                ),
                step(
                    "recount",
                    "Anyone can check",
                    """<p>Now every ballot is published with its code, but without a name, and the key that led from
                    people to ballots is destroyed. With your receipt you find your own ballot among them. Anyone can
                    take all files away and count again, with other software.</p>""",
                ),
            ]
        },
    ),
    text(
        """<h2>What is not promised</h2>
        <ul>
        <li>While voting is open, whoever controls the server itself could find out how someone voted. Organisers
        cannot.</li>
        <li>Nothing here protects against a spying program on your own phone or computer.</li>
        <li>Nothing here protects against someone who watches or presses you while you vote at home.</li>
        <li>The count can only be as right as the list of who may vote.</li>
        <li>Whoever knows your code can find your ballot once the ballots are published. Keep it to yourself.</li>
        </ul>
        <p>These are local votes about money, not a parliamentary election. If you need to vote unseen, ask us for a way:
        <a href="/contact/">contact us</a>.</p>"""
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
