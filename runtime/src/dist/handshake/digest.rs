//! The proof that one knows the cookie.

use std::hint::black_box;

use md5::{Digest as _, Md5};

use super::Cookie;

/// What answers a challenge.
pub(super) type Digest = [u8; 16];

/// Source: `dist_util:gen_digest/2`: the cookie, then the challenge in decimal.
pub(super) fn digest(cookie: &Cookie, challenge: u32) -> Digest {
    Md5::new().chain_update(&*cookie.0).chain_update(challenge.to_string()).finalize().into()
}

/// Whether two digests are equal, in a time that does not tell where they differ.
pub(super) fn is_same(a: &Digest, b: &Digest) -> bool {
    let differences = a.iter().zip(b).fold(0, |differences, (a, b)| black_box(differences | (a ^ b)));
    differences == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_what_otp_makes_of_cookie_and_challenge() {
        // erlang:md5(["secret", integer_to_list(4294967295)]).
        let otp = 0x5dfd_181e_69aa_587c_c812_eb33_3e65_36b6_u128;
        assert_eq!(digest(&Cookie::new("secret"), u32::MAX), otp.to_be_bytes());
    }

    #[test]
    fn digests_are_the_same_only_if_every_bit_is() {
        let one = digest(&Cookie::new("secret"), 1);
        assert!(is_same(&one, &one.clone()));
        for bit in 0..128 {
            let other = (u128::from_be_bytes(one) ^ (1 << bit)).to_be_bytes();
            assert!(!is_same(&one, &other));
        }
    }
}
