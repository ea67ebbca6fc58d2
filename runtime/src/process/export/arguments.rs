//! The arguments of an exported function: a tuple here, a list on the wire.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The arguments of an exported function: a tuple of up to eight values that can cross nodes, `(n,)` for one.
///
/// Source: OTP: the list of arguments of `erlang:spawn/4`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of arguments",
    note = "arguments are a tuple of up to eight values that are `Serialize + DeserializeOwned + Send`: `()`, `(n,)`"
)]
pub trait Arguments: Sized + Send + 'static {
    /// How many there are.
    #[doc(hidden)]
    const ARITY: u8;

    #[doc(hidden)]
    fn write<S: SerializeSeq>(&self, list: &mut S) -> Result<(), S::Error>;

    /// Nothing if there are too few.
    #[doc(hidden)]
    fn read<'de, L: SeqAccess<'de>>(list: &mut L) -> Result<Option<Self>, L::Error>;
}

impl Arguments for () {
    const ARITY: u8 = 0;

    fn write<S: SerializeSeq>(&self, _list: &mut S) -> Result<(), S::Error> {
        Ok(())
    }

    fn read<'de, L: SeqAccess<'de>>(_list: &mut L) -> Result<Option<Self>, L::Error> {
        Ok(Some(()))
    }
}

macro_rules! arguments {
    ($arity:literal $($argument:ident)*) => {
        impl<$($argument: Serialize + DeserializeOwned + Send + 'static),*> Arguments for ($($argument,)*) {
            const ARITY: u8 = $arity;

            #[expect(non_snake_case, reason = "each argument is called as its type is")]
            fn write<S: SerializeSeq>(&self, list: &mut S) -> Result<(), S::Error> {
                let ($($argument,)*) = self;
                $(list.serialize_element($argument)?;)*
                Ok(())
            }

            fn read<'de, L: SeqAccess<'de>>(list: &mut L) -> Result<Option<Self>, L::Error> {
                Ok(Some(($(
                    match list.next_element::<$argument>()? {
                        Some(argument) => argument,
                        None => return Ok(None),
                    },
                )*)))
            }
        }
    };
}

arguments!(1 A);
arguments!(2 A B);
arguments!(3 A B C);
arguments!(4 A B C D);
arguments!(5 A B C D E);
arguments!(6 A B C D E F);
arguments!(7 A B C D E F G);
arguments!(8 A B C D E F G H);

/// Arguments as a list.
pub(super) struct List<A>(pub(super) A);

impl<A: Arguments> Serialize for List<A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(usize::from(A::ARITY)))?;
        self.0.write(&mut list)?;
        list.end()
    }
}

impl<'de, A: Arguments> Deserialize<'de> for List<A> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Elements(PhantomData))
    }
}

struct Elements<A>(PhantomData<A>);

impl<'de, A: Arguments> Visitor<'de> for Elements<A> {
    type Value = List<A>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of {} arguments", A::ARITY)
    }

    fn visit_seq<L: SeqAccess<'de>>(self, mut list: L) -> Result<List<A>, L::Error> {
        match A::read(&mut list)? {
            Some(arguments) if list.next_element::<serde::de::IgnoredAny>()?.is_none() => Ok(List(arguments)),
            _ => Err(L::Error::custom(format_args!("expected {} arguments", A::ARITY))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::{decode, encode};

    fn bytes(value: impl Serialize) -> Vec<u8> {
        let mut out = Vec::new();
        encode(&value, &mut out).expect("written");
        out
    }

    #[test]
    fn arguments_are_a_list_on_the_wire() {
        let arguments = (1_u8, String::from("two"), vec![3_u8]);
        assert_eq!(&bytes(List(arguments.clone()))[..7], [108, 0, 0, 0, 3, 97, 1]);
        let read: List<(u8, String, Vec<u8>)> = decode(&bytes(List(arguments.clone()))).expect("read");
        assert_eq!(read.0, arguments);
        // `[1, 2]`, as Erlang writes it.
        assert_eq!(decode::<List<(u8, u8)>>(&[107, 0, 2, 1, 2]).map(|read| read.0), Ok((1, 2)));
        assert_eq!(decode::<List<()>>(&[106]).map(|read| read.0), Ok(()));
        assert_eq!(bytes(List(())), [106]);
    }

    #[test]
    fn as_many_are_read_as_there_are_to_be() {
        assert!(decode::<List<(u8,)>>(&[107, 0, 2, 1, 2]).is_err());
        assert!(decode::<List<(u8, u8, u8)>>(&[107, 0, 2, 1, 2]).is_err());
        assert!(decode::<List<()>>(&[97, 1]).is_err());
    }
}
