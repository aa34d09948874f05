use super::*;
use proptest::prelude::*;

#[track_caller]
fn reply(text: &str, expected: &str) {
    assert_eq!(split(text).reply, expected);
}

#[test]
fn the_usual_programs() {
    reply(
        "Thanks, 59 then?\n\nOn Mon, Jan 5, 2026 at 9:03 AM Desk <consult@desk.example> wrote:\n\n> Yes.\n> Not so.\n",
        "Thanks, 59 then?",
    );
    reply("Danke.\n\nAm 05.01.2026 um 09:03 schrieb Desk <consult@desk.example>:\n> x\n", "Danke.");
    reply("Merci\n\nLe lun. 5 janv. 2026 à 09:03, Desk <consult@desk.example> a écrit :\n\n> x\n", "Merci");
    reply(
        "One more\n\nFrom: Desk <consult@desk.example>\nSent: Monday, January 5, 2026 9:03 AM\nTo: Amy\nSubject: Re: x\n\nold text\n",
        "One more",
    );
    reply(
        "Yes\n\n________________________________\nVon: Desk\nGesendet: Montag\nAn: Amy\nBetreff: x\n\nalt",
        "Yes",
    );
    reply("Yes\n\n-----Original Message-----\nFrom: x\nold", "Yes");
    reply(
        "OK\n\nSent from my iPhone\n\n> On Jan 5, 2026, at 9:03 AM, Desk <consult@desk.example> wrote:\n> \n> old\n",
        "OK",
    );
    reply(
        "OK\n\nOn Mon, Jan 5, 2026 at 9:03 AM Desk at Clinic\n<consult@desk.example>\nwrote:\n\n> old",
        "OK",
    );
    reply("好的\n\nDesk <consult@desk.example> 于2026年1月5日周一 09:03写道：\n\n> old", "好的");
}

#[test]
fn interleaved_and_bottom_answers_are_kept_whole() {
    let text = "On Mon, Jan 5, 2026 at 9:03 AM Desk <c@desk.example> wrote:\n> Which level?\nL4-L5.\n> Which side?\nLeft.";
    reply(text, text);
    reply("On Mon, Jan 5, 2026 at 9:03 AM Desk <c@desk.example> wrote:\n> Which level?\n\nL4-L5.", "L4-L5.");
    let text = "Hi,\n\nOn Mon, Jan 5, 2026, Desk <c@desk.example> wrote:\n> Which level?\n\nL4-L5.";
    reply(text, text);
    let text = "> Which level?\nL4-L5.\n> old";
    reply(text, text);
}

#[test]
fn a_forwarded_question_is_the_question() {
    let text = "See below.\n\n---------- Forwarded message ---------\nFrom: Dr X <x@clinic.example>\nDate: Mon\nSubject: y\nTo: z\n\nCan I bill 63030?";
    reply(text, text);
    let text = "From: Dr X\nSent: Monday\nTo: Amy\nSubject: y\n\nCan I bill 63030?";
    reply(text, text);
}

#[test]
fn signatures_go_and_sentences_stay() {
    reply("Is 99213 right?\n\n-- \nAmy Ames\nClinic\n", "Is 99213 right?");
    let text = "Two notes:\n--\nIs the second one billable?";
    reply(text, text);
    for text in [
        "First.\n--\nAlso please check modifier 59 there.",
        "The op note:\nSent by fax yesterday.",
        "Note follows.\nSent from my phone: 63020 and 63030",
        "My answers are below in red.\n\nFrom: Desk\nSent: Monday\nTo: Amy\nSubject: x\n\nWhich level?\nL4-L5",
    ] {
        reply(text, text);
    }
    let text = "On 1/5/2026 the surgeon wrote:\nlaminectomy L4.\nWhat code?";
    reply(text, text);
    reply("Only a signature\nBest regards,\nAmy", "Only a signature\nBest regards,\nAmy");
}

proptest! {
    #[test]
    fn no_word_is_lost(text in "(> |On |wrote:|From: a@b\n|Sent: x\n|To: y\n|Subject: z\n|-- |--|\n|a|1|@|:| |Sent from my |é){0,120}") {
        let parts = split(&text);
        let mut words: Vec<String> = format!("{} {}", parts.reply, parts.trimmed).split_whitespace().map(str::to_owned).collect();
        let mut all: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        // A rule between the two may be in neither.
        let rule = |w: &String| !w.chars().all(|c| "-_".contains(c));
        words.retain(rule);
        all.retain(rule);
        words.sort();
        all.sort();
        prop_assert_eq!(words, all);
        if !text.trim().is_empty() {
            prop_assert!(!parts.reply.trim().is_empty());
        }
    }
}
