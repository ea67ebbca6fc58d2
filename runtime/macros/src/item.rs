//! What the attributes of servers, machines, and handlers of events stand on.

use proc_macro2::TokenStream;
use syn::{GenericParam, Item, ItemImpl};

use crate::owned;

/// The `impl` of the type itself, which borrows nothing; `attribute` and `whose` it is are for what is said otherwise.
pub(crate) fn own_impl(attribute: &str, whose: &str, item: TokenStream) -> syn::Result<ItemImpl> {
    let item = match syn::parse2(item)? {
        Item::Impl(item) => item,
        other => {
            let message = format!(
                "`#[{attribute}]` stands on the {whose}'s `impl`, which has its `init` and its handlers"
            );
            return Err(syn::Error::new_spanned(other, message));
        }
    };
    if let Some((path, _)) = &item.trait_ {
        let message = format!("`#[{attribute}]` stands on the {whose}'s own `impl`, without a trait");
        return Err(syn::Error::new_spanned(path, message));
    }
    let message =
        format!("a {whose} outlives whoever starts it, so it owns what it has, or shares it in an `Arc`");
    if let Some(GenericParam::Lifetime(lifetime)) =
        item.generics.params.iter().find(|parameter| matches!(parameter, GenericParam::Lifetime(_)))
    {
        return Err(syn::Error::new_spanned(lifetime, message));
    }
    match owned::borrowed(&item.self_ty) {
        Some(borrowed) => Err(syn::Error::new_spanned(borrowed, message)),
        None => Ok(item),
    }
}
