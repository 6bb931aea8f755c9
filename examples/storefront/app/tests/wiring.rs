//! The wiring of this service.

#[test]
fn the_wiring_of_the_service_is_what_the_file_holds() {
    eventful::testing::assert_wiring_of(env!("CARGO_BIN_EXE_storefront"), "wiring.txt");
}
