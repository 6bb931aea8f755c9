//! The wiring of this service.

eventful::link!();

#[test]
fn the_wiring_of_the_service_is_what_the_file_holds() {
    eventful::testing::assert_wiring("wiring.txt");
}
