//! Versions of protocols and of releases, and what they make of each other.

use std::collections::BTreeMap;

use super::changes::changes;
use super::compatibility::compare;
use super::schema::{Content, Contract, Definition, Field, Handler, Kind, Protocol, Type, Variant};
use super::*;

const U8: Type = Type::Integer { signed: false, bits: 8 };
const U32: Type = Type::Integer { signed: false, bits: 32 };
const U64: Type = Type::Integer { signed: false, bits: 64 };

fn field(name: &str, ty: Type) -> Field {
    let optional = matches!(ty, Type::Option(_));
    Field { name: name.into(), ty, optional }
}

fn option(ty: Type) -> Type {
    Type::Option(Box::new(ty))
}

fn named(name: &str) -> Type {
    Type::Named(format!("shop::{name}"))
}

fn handler(kind: Kind, name: &str, arguments: &[Field], reply: Option<Type>) -> Handler {
    Handler { name: name.into(), kind, arguments: arguments.to_vec(), reply }
}

fn call(name: &str, arguments: &[Field], reply: Type) -> Handler {
    handler(Kind::Call, name, arguments, Some(reply))
}

fn variant(name: &str, content: Content) -> Variant {
    Variant { name: name.into(), content }
}

fn contract(handlers: &[Handler], types: &[(&str, Definition)]) -> Contract {
    let types = types.iter().map(|(name, definition)| (format!("shop::{name}"), definition.clone()));
    Contract { handlers: handlers.to_vec(), types: types.collect() }
}

fn first() -> Contract {
    let order = Definition::Struct(vec![field("id", U32), field("note", Type::Text)]);
    let outcome =
        Definition::Enum(vec![variant("Done", Content::Unit), variant("Failed", Content::One(Type::Text))]);
    let place = call("place", &[field("order", named("Order"))], named("Outcome"));
    contract(&[place, call("count", &[], U32)], &[("Order", order), ("Outcome", outcome)])
}

/// The first with an optional field, an optional argument, and a handler more.
fn grown() -> Contract {
    let mut grown = first();
    let Some(Definition::Struct(order)) = grown.types.get_mut("shop::Order") else { panic!("a struct") };
    order.push(field("coupon", option(Type::Text)));
    grown.handlers[0].arguments.push(field("urgent", option(Type::Bool)));
    grown.handlers.push(handler(Kind::Cast, "cancel", &[field("id", U32)], None));
    grown
}

fn broken() -> Contract {
    let order = Definition::Struct(vec![field("id", U64), field("price", U32)]);
    let late = Content::Struct(vec![field("by", U8)]);
    let outcome = Definition::Enum(vec![
        variant("Done", Content::Unit),
        variant("Failed", Content::One(Type::Text)),
        variant("Late", late),
    ]);
    let place = call("place", &[field("order", named("Order"))], named("Outcome"));
    contract(&[place], &[("Order", order), ("Outcome", outcome)])
}

fn texts<T: ToString>(all: &[T]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

#[test]
fn a_contract_is_compatible_with_itself_whatever_its_types_are_called() {
    let mut renamed = first();
    let order = renamed.types.remove("shop::Order").expect("there");
    renamed.types.insert("shop::Purchase".into(), order);
    renamed.handlers[0].arguments[0].ty = named("Purchase");
    for (old, new) in [(&first(), &renamed), (&renamed, &first()), (&broken(), &broken())] {
        assert_eq!((compare(old, new), changes(old, new)), (vec![], vec![]));
    }
}

#[test]
fn what_is_optional_may_be_added_where_it_is_served_first() {
    assert_eq!(compare(&first(), &grown()), []);
    // What the old one does not know, it does not look at.
    assert_eq!(texts(&compare(&grown(), &first())), ["`cancel`: there is no such handler"]);
    assert_eq!(
        texts(&changes(&first(), &grown())),
        [
            "`place` at `order.coupon` in shop::Order: an optional text",
            "`place` at `urgent`: an optional bool",
            "`cancel`: a cast",
        ]
    );
}

#[test]
fn arguments_are_added_behind_all_others() {
    let moves = |names: &[&str]| {
        let arguments: Vec<_> = names.iter().map(|name| field(name, U32)).collect();
        contract(&[call("move", &arguments, U32)], &[])
    };
    let (x, xy) = (moves(&["x"]), moves(&["x", "y"]));
    assert_eq!(compare(&xy, &x), []);
    assert_eq!(texts(&compare(&x, &xy)), ["`move` at `y`: the argument is not given"]);
    let yx = moves(&["y", "x"]);
    assert_eq!(texts(&compare(&yx, &x)), ["`move` at `x`: the argument in its place is `y`"]);
    assert_eq!(
        texts(&compare(&x, &yx)),
        ["`move` at `y`: the argument in its place is `x`", "`move` at `x`: the argument is not given"]
    );
    // Another name in the same place is the same argument.
    assert_eq!(compare(&moves(&["z"]), &x), []);
}

#[test]
fn what_fails_is_named_by_handler_type_and_field_in_its_direction() {
    assert_eq!(
        texts(&compare(&first(), &broken())),
        [
            "`place` at `order.price` in shop::Order: the field is not written",
            "`place` at `reply.Late` in shop::Outcome: there is no such variant",
            "`count`: there is no such handler",
        ]
    );
    assert_eq!(
        texts(&compare(&broken(), &first())),
        [
            "`place` at `order.id` in shop::Order: it is written as u64, and read as u32",
            "`place` at `order.note` in shop::Order: the field is not written",
        ]
    );
    assert_eq!(
        texts(&changes(&first(), &broken())),
        [
            "`place` at `order.id` in shop::Order: was u32, is u64",
            "`place` at `order.note` in shop::Order: was text",
            "`place` at `order.price` in shop::Order: u32",
            "`place` at `reply.Late` in shop::Outcome: a variant",
            "`count`: was a call",
        ]
    );
}

#[test]
fn an_info_is_taken_by_whichever_handler_reads_it() {
    let info = |name: &str, ty| handler(Kind::Info, name, &[field("it", ty)], None);
    let old = contract(&[info("tick", U8), info("tock", Type::Text)], &[]);
    let renamed = contract(&[info("tack", U32), info("tock", Type::Text)], &[]);
    assert_eq!(compare(&old, &renamed), []);
    assert_eq!(texts(&compare(&renamed, &old)), ["`tack`: there is no such handler"]);
    let changed = contract(&[info("tick", Type::Bool)], &[]);
    assert_eq!(
        texts(&compare(&old, &changed)),
        ["`tick` at `it`: it is written as u8, and read as bool", "`tock`: there is no such handler"]
    );
    let called = contract(&[call("tick", &[], U8)], &[]);
    let cast = contract(&[handler(Kind::Cast, "tick", &[], None)], &[]);
    assert_eq!(texts(&compare(&called, &cast)), ["`tick`: it is sent as a call, and is a cast"]);
}

/// A release as its program writes it: which applications run in it, which elsewhere, and its protocols with their crates.
fn release(
    name: &str,
    needs: &[(&str, &[&str])],
    elsewhere: &[(&str, &str)],
    all: &[(&str, Contract)],
) -> Release {
    let needs =
        needs.iter().map(|(app, needs)| (*app, serde_json::json!({"library": false, "needs": needs})));
    let mut release: Release = serde_json::from_value(serde_json::json!({
        "version": 1, "release": name, "applications": needs.collect::<BTreeMap<_, _>>(),
        "elsewhere": elsewhere.iter().copied().collect::<BTreeMap<_, _>>(),
        "instances": {}, "protocols": [], "generic": [],
    }))
    .expect("a release");
    release.protocols = all
        .iter()
        .map(|(name, contract)| Protocol {
            protocol: (*name).into(),
            servers: [(*name).into()].into(),
            contract: contract.clone(),
        })
        .collect();
    release
}

const SHOP: &str = "shop::Shop";
const MAIL: &str = "mail::Mail";

/// `web` calls the shop, the shop sends mail, and mail calls nobody.
fn umbrella(shop: Contract, mail: Contract) -> [Release; 3] {
    let (web, at_shop, at_mail) =
        (("web", &["shop"] as &[_]), ("shop", &["mail"] as &[_]), ("mail", &[] as &[_]));
    let all = [(SHOP, shop), (MAIL, mail)];
    [
        release("front", &[web, at_shop, at_mail], &[("shop", "middle"), ("mail", "back")], &all),
        release("middle", &[at_shop, at_mail], &[("web", "front"), ("mail", "back")], &all),
        release("back", &[at_mail], &[("web", "front"), ("shop", "middle")], &all[1..]),
    ]
}

fn upgrade(old: &[Release], new: &[Release]) -> Upgrade {
    check(&Side::new(old.iter().cloned()), &Side::new(new.iter().cloned()))
}

fn steps(steps: &[&[&str]]) -> Order {
    Order::Steps { steps: steps.iter().map(|step| step.iter().map(|&name| name.into()).collect()).collect() }
}

#[test]
fn who_serves_more_is_upgraded_first_and_who_calls_less_too() {
    let old = umbrella(first(), first());
    assert_eq!(upgrade(&old, &old).order, Order::Any);
    assert_eq!(upgrade(&old, &old).unchanged, 2);
    let shop = upgrade(&old, &umbrella(grown(), first()));
    assert_eq!(shop.order, steps(&[&["back", "middle"], &["front"]]));
    assert_eq!((shop.protocols.len(), shop.unchanged), (1, 1));
    assert_eq!(
        shop.because[0].reasons[0].to_string(),
        "a new front may call an old middle: shop::Shop: `cancel`: there is no such handler"
    );
    assert_eq!(upgrade(&umbrella(grown(), first()), &old).order, steps(&[&["back", "front"], &["middle"]]));
    let both = upgrade(&old, &umbrella(grown(), grown()));
    assert_eq!(both.order, steps(&[&["back"], &["middle"], &["front"]]));
}

#[test]
fn no_order_is_safe_where_both_directions_fail() {
    let broken = upgrade(&umbrella(first(), first()), &umbrella(broken(), first()));
    assert_eq!(broken.order, Order::None { circle: vec!["middle".into(), "front".into()] });
    let reasons = broken.because.iter().flat_map(|before| texts(&before.reasons)).collect::<Vec<_>>();
    assert_eq!(
        reasons,
        [
            "an old front may call a new middle: shop::Shop: `place` at `order.price` in shop::Order: the field is not \
             written, and 2 more",
            "a new front may call an old middle: shop::Shop: `place` at `order.id` in shop::Order: it is written as u64, \
             and read as u32, and 1 more",
        ]
    );
    // Each alone has an order, and together they have none.
    let opposite = upgrade(&umbrella(first(), grown()), &umbrella(grown(), first()));
    assert_eq!(opposite.order, steps(&[&["middle"], &["front"], &["back"]]));
}

#[test]
fn one_release_is_enough_to_know_its_place_among_the_others() {
    let old = umbrella(first(), first());
    let new = umbrella(grown(), grown());
    // What the shop calls and who calls it follows from what it says itself.
    let shop = upgrade(&old[1..2], &new[1..2]);
    assert_eq!(shop.order, steps(&[&["back"], &["middle"], &["front"]]));
    assert_eq!(shop.notes.len(), 2, "{:?}", shop.notes);
    // Nothing of mail needs the shop, so it cannot call it.
    assert!(shop.because.iter().all(|before| before.first != "middle" || before.then == "front"), "{shop:?}");
}

#[test]
fn what_moves_is_started_in_its_new_place_before_it_is_looked_for_there() {
    let (web, shop) = (("web", &["shop"] as &[_]), ("shop", &[] as &[_]));
    let all = [(SHOP, first())];
    let apart = [
        release("front", &[web, shop], &[("shop", "middle")], &all),
        release("middle", &[shop], &[("web", "front")], &all),
    ];
    let together = [release("front", &[web, shop], &[], &all)];
    assert_eq!(upgrade(&apart, &together).order, steps(&[&["front"], &["middle"]]));
    assert_eq!(upgrade(&together, &apart).order, steps(&[&["middle"], &["front"]]));
    let gone = [release("front", &[("web", &[])], &[], &[])];
    assert_eq!(upgrade(&apart, &gone).order, steps(&[&["front"], &["middle"]]));
}

#[test]
fn what_cannot_be_known_is_noted() {
    let counted = |contract| {
        let mut all = umbrella(contract, first());
        for release in &mut all {
            release.instances.insert("middle".into(), 3);
        }
        all[0].generic.insert("web::Cache".into());
        all
    };
    let notes = upgrade(&counted(first()), &counted(grown())).notes;
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(notes[0].contains("`web::Cache` is generic"), "{notes:?}");
    assert!(notes[1].contains("`middle` runs in 3 nodes"), "{notes:?}");
}

#[test]
fn what_a_library_serves_runs_in_those_that_need_it() {
    let shelf = |contract: Contract| {
        let mut front = release("front", &[("web", &["shelf"]), ("shelf", &[])], &[("shelf", "back")], &[]);
        let mut back = release("back", &[("shelf", &[])], &[("web", "front")], &[]);
        for release in [&mut front, &mut back] {
            release.applications.get_mut("shelf").expect("there").library = true;
            release.protocols = vec![Protocol {
                protocol: "shelf::Shelf".into(),
                servers: ["shelf::Shelf".into()].into(),
                contract: contract.clone(),
            }];
        }
        [front, back]
    };
    let found = upgrade(&shelf(first()), &shelf(grown()));
    assert_eq!(found.protocols[0].servers, ["back".into(), "front".into()].into());
    assert!(matches!(found.order, Order::None { .. }), "each may call the other: {:?}", found.order);
}
