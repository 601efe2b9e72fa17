"""The first words of the pages the law asks for: privacy, cookies, accessibility. A council adapts them in the CMS."""

from typing import Any


def text(html: str) -> tuple[str, str]:
    return ("text", " ".join(html.split()))


def facts(*rows: tuple[str, str]) -> tuple[str, dict[str, Any]]:
    return ("facts", {"facts": [{"term": term, "text": " ".join(words.split())} for term, words in rows]})


PRIVACY = [
    text(
        """<p>This page says what we know about you, why, for how long, and who else sees it. The council that runs this
        site is responsible for it (the “controller” in the UK General Data Protection Regulation).</p>
        <h2>What we keep</h2>"""
    ),
    facts(
        (
            "Your e-mail address",
            """<p>To sign you in and to tell you about your own ideas and votes. Nobody else sees it, apart from the
            administrators of the site.</p>""",
        ),
        ("Your name", "<p>The one you choose. It stands beside what you write. It need not be your full name.</p>"),
        (
            "Your area",
            """<p>You give your postcode once. We work out which ward it is in and keep the ward, not the postcode. So
            that we notice when you enter a new postcode, we also keep a scrambled form of it, which cannot be turned
            back without a key that is kept apart.</p>""",
        ),
        (
            "What you write",
            "<p>Ideas and pictures. Place, time and camera that your telephone hides in a picture are removed.</p>",
        ),
        (
            "That you voted",
            """<p>The roll of a round says who has voted, so that nobody votes twice. It does not say what you chose,
            nor when.</p>""",
        ),
        (
            "Your vote",
            """<p>Ballots lie in another place than the roll. A ballot has no name, no network address and no time. So
            that you can change your vote until voting closes, a key held on the server links your place in the roll and
            your ballot. People who run the site do not see that link.</p>""",
        ),
        (
            "Where votes came from",
            """<p>Scrambled marks of the network and the device from which somebody voted, and the hour. They show
            organisers when one person may have voted for many. They never lead to a ballot, and are deleted when the result
            can no longer be challenged.</p>""",
        ),
        (
            "What staff do",
            "<p>Each decision of organisers, moderators and commissioners is written down with the name, and kept.</p>",
        ),
        (
            "Where you are signed in",
            """<p>Network address and browser of your sessions, so that you can see them in your account and end
            them.</p>""",
        ),
    ),
    text(
        """<h2>Why we may</h2>
        <p>Letting people take part in how public money is spent is a task in the public interest (article 6(1)(e) of the
        UK GDPR). Your name beside an idea is shown because you publish it.</p>
        <h2>Who else sees it</h2>
        <p>What you publish is seen by everyone. Everything else stays on this site. We do not sell it, do not show
        advertising, do not use trackers or statistics from other companies, and load nothing from other sites. Results
        and ballots without names may be published so that anyone can count again.</p>
        <h2>How long</h2>
        <p><a href="/what-we-keep/">What we keep, and for how long</a> lists everything with its time. The site clears up
        every night by that very table. In short:</p>
        <ul>
        <li>Your account: until you delete it.</li>
        <li>Your ideas: for good, unless you take them back. When your account goes, your name goes from them.</li>
        <li>The roll: the link to you for half a year after the result is certified. What remains of a deleted account only
        stops a second vote.</li>
        <li>Ballots and results, without names: for good, because they are the record of a public decision.</li>
        </ul>
        <h2>Your rights</h2>
        <p>You can see what we have about you and take it with you: <a href="/account/data/">download your data</a>. You can
        <a href="/account/delete/">delete your account</a>. To have something corrected, to object, or if you cannot sign in:
        <a href="/contact/">contact us</a>. If you are not content with our answer, you can complain to the
        Information Commissioner's Office at <a href="https://ico.org.uk/">ico.org.uk</a>.</p>
        <p>Children: from which age people may vote is decided by each round. We ask children for nothing more than
        adults.</p>"""
    ),
]

COOKIES = [
    text(
        """<p>A cookie is a small note that a site leaves in your browser. We use only those without which the site would
        not work, so there is no banner to click away. There are no cookies for advertising or statistics, and none from
        other companies.</p>"""
    ),
    facts(
        (
            "Session",
            "<p>Set when you sign in or begin to. Knows your browser from page to page. Two weeks, or until you sign out.</p>",
        ),
        ("CSRF", "<p>Set when a page has a form. Makes sure that what is sent comes from this site. One year.</p>"),
        ("Messages", "<p>Set for a moment to show you a notice on the next page, such as “Saved”.</p>"),
        (
            "Ballot device",
            """<p>Set when you open a ballot, and sent back with its pages alone. A random number that shows the organisers
            if many people vote on one device. It is never kept with a ballot, and gone when voting closes.</p>""",
        ),
        ("Language", "<p>Set only when you choose a language. Until you close the browser.</p>"),
    ),
    text("<p>You can delete them in your browser at any time. You will then have to sign in again.</p>"),
]

ACCESSIBILITY = [
    text(
        """<p>We want as many people as possible to be able to use this site. This statement follows the model of the
        Public Sector Bodies (Websites and Mobile Applications) (No. 2) Accessibility Regulations 2018.</p>
        <p>You should be able to:</p>
        <ul>
        <li>zoom in up to 400% without anything being cut off</li>
        <li>use every page with the keyboard alone, or with speech recognition</li>
        <li>use every page with a screen reader</li>
        <li>do everything, voting too, without JavaScript and on a small telephone</li>
        <li>choose colours and contrast in your device's settings</li>
        </ul>
        <h2>How accessible this site is</h2>
        <p>We aim at the <a href="https://www.w3.org/TR/WCAG22/">Web Content Accessibility Guidelines</a> version 2.2,
        level AA. Each page is checked by an automatic tool whenever the software changes, and that check finds no
        failures. Automatic tools find only some of the problems there can be.</p>
        <p><b>No outside expert has audited this site yet, and people who use assistive technology have not yet tested it
        for us.</b> So we claim only partial compliance until that has happened.</p>
        <h2>Content that may not be accessible</h2>
        <ul>
        <li>Pictures that residents add have a description written by them. Some may say too little.</li>
        <li>Choosing a point on a map needs a mouse or touch. You can always choose a ward from a list and write the
        place in words instead.</li>
        <li>Pages for editors of this site (the content management system) are made by the Wagtail project and have their
        own accessibility statement.</li>
        </ul>
        <h2>If something does not work for you</h2>
        <p>Please <a href="/contact/">contact us</a> and say which page and what you use. We will answer within three
        working days, and find another way for you to take part in time for the vote.</p>
        <h2>Enforcement</h2>
        <p>The Equality and Human Rights Commission (EHRC) enforces the accessibility regulations. If you are not happy
        with how we answer your complaint, contact the
        <a href="https://www.equalityadvisoryservice.com/">Equality Advisory and Support Service</a>. In Northern Ireland
        it is the <a href="https://www.equalityni.org/">Equality Commission for Northern Ireland</a>.</p>
        <h2>How this statement was made</h2>
        <p>It comes with the software and tells how the software was tested. The council that runs this site should check
        it against its own pages, add the date of its own test and name who tested, before it opens the site.</p>"""
    ),
]
